/** Whether the times of scheduled processes mean anything to systemd. */
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import type { Schedules } from '../config/processes.ts';
import { shown } from '../config/values.ts';
import { blocked } from '../status.ts';

/** Exit code of a shell, and of this project, where there is no such program. */
const ABSENT = 127;

/** @throws Problem for the first expression that systemd does not understand, in its own words */
export async function checkSchedules(machine: Machine, schedules: Schedules): Promise<void> {
  for (const [name, expression] of schedules) {
    const asked = await machine.run('systemd-analyze', ['calendar', '--', expression], { timeout: 30 });
    if (asked.code === 0 || asked.code === ABSENT) continue;
    const said = lastLine(asked.stderr);
    blocked(`schedules: ${name}=${shown(expression)} is no time that systemd knows: ${said}; ${name}=daily is right`);
  }
}
