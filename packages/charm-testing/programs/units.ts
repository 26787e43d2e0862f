/** Units of the machine under test, and what may be asked of them. */
import type { Clock } from '../../../src/system/index.ts';
import type { Service } from '../state.ts';
import type { StandIns } from './stand-ins.ts';
import { unitPath } from './unit-file.ts';

/** What systemctl works on. */
export interface Units {
  readonly root: string;
  readonly services: Map<string, Service>;
  /** Units that the test speaks of: there, even without a file. */
  readonly given: ReadonlySet<string>;
  readonly standIns: StandIns;
  readonly clock: Clock;
  /** When services were started, by the clock. */
  readonly started: Map<string, number>;
}

/** One call of systemctl. */
export interface Command {
  readonly verb: string;
  readonly units: readonly string[];
  readonly properties: readonly string[];
  readonly now: boolean;
}

export const STOPPED: Service = { active: false, enabled: false };

export function change({ services }: Units, unit: string, part: Partial<Service>): void {
  services.set(unit, { ...STOPPED, ...services.get(unit), ...part });
}

export function exists({ root, given }: Units, unit: string): boolean {
  return given.has(unit) || unitPath(root, unit) !== undefined;
}
