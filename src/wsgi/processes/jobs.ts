/** Starts and stops that may take as long as the work at hand: systemd is asked for them, and then looked at. */
import type { Machine } from '../../system/machine.ts';
import { show } from '../../system/systemd.ts';

/** Seconds between two looks. */
const INTERVAL = 0.2;
/** Seconds after which something is wrong with systemd itself: it ends a process that does not stop within a day. */
const LONGEST = 2 * 86_400;

export function restartAndWait(machine: Machine, units: readonly string[]): Promise<void> {
  return jobs(machine, 'restart', units);
}

/** Also forgets when the timers among them ran last: another unit may run them until they are started here again. */
export async function stopAndWait(machine: Machine, units: readonly string[]): Promise<void> {
  await jobs(machine, 'stop', units);
  const timers = units.filter((unit) => unit.endsWith('.timer'));
  if (timers.length > 0) await machine.run('systemctl', ['clean', '--what=state', '--', ...timers], { timeout: 60 });
}

async function jobs(machine: Machine, verb: string, units: readonly string[]): Promise<void> {
  if (units.length === 0) return;
  await machine.run('systemctl', [verb, '--no-block', '--', ...units], { timeout: 60 });
  const { clock } = machine;
  const deadline = clock.now() + LONGEST * 1000;
  for (;;) {
    const shown = await show(machine, units, ['Id', 'Job', 'ActiveState']);
    const busy = [...shown.values()].some(
      ({ Job = '', ActiveState }) => !/^0?$/.test(Job) || ActiveState === 'deactivating',
    );
    if (!busy || clock.now() > deadline) return;
    await clock.pause(INTERVAL * 1000);
  }
}
