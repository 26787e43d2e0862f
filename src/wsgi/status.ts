/** The status of the unit: problems that the operator can mend, the active line, and which of them Juju shows. */
import * as v from 'valibot';
import type { HookContext, StatusName } from '../juju/types.ts';
import type { Data } from '../reactive/types.ts';
import { errorCode, MachineError } from '../system/errors.ts';

/** One line of `juju status`. */
export interface Verdict {
  readonly status: StatusName;
  readonly message: string;
}

/**
 * Something that the operator can mend, or that mends itself: it ends in a status, never in a failed hook, and the
 * application that serves goes on.
 */
export class Problem extends Error {
  readonly status: 'blocked' | 'waiting';

  constructor(status: 'blocked' | 'waiting', message: string) {
    super(message);
    this.name = 'Problem';
    this.status = status;
  }
}

/** @throws Problem always: somebody has to act. */
export function blocked(message: string): never {
  throw new Problem('blocked', message);
}

/** @throws Problem always: time or another charm will mend it. */
export function waiting(message: string): never {
  throw new Problem('waiting', message);
}

/** The line of several problems: what somebody must mend comes before what mends itself, the first found first. */
export function verdictOf(problems: readonly Problem[]): Verdict | undefined {
  const first = problems.find((problem) => problem.status === 'blocked') ?? problems[0];
  if (first === undefined) return undefined;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return { status: first.status, message: `${first.message}${more}` };
}

const VERDICT = 'wsgi.verdict';
const SERVING = 'serving';
const RUNNING = 'running';
const HANDED_OVER = 'handed over to the gunicorn subordinate:';
/** What {@link activeLine} makes. */
const OWN_LINE = new RegExp(`^(?:${SERVING}|${HANDED_OVER})(?: \\S+)? on port \\d+(?:; .*)?$|^${RUNNING} `);
const Remembered = v.object({
  status: v.picklist(['maintenance', 'blocked', 'waiting', 'active']),
  message: v.string(),
});

/** The active line of an application that has processes and no web server. @param processes such as `worker=2` */
export function runningLine(processes: readonly string[]): Verdict {
  const what = processes.length === 0 ? 'nothing here: the leader does' : processes.join(' ');
  return { status: 'active', message: `${RUNNING} ${what}` };
}

/** The layer's active line, with what the operator should know besides. */
export function activeLine(label: string | undefined, port: number, handedOver: boolean, remark?: string): Verdict {
  const build = label === undefined ? '' : ` ${label}`;
  const more = remark === undefined ? '' : `; ${remark}`;
  return { status: 'active', message: `${handedOver ? HANDED_OVER : SERVING}${build} on port ${port}${more}` };
}

/** What the last look at everything ended with. */
export function lastVerdict(data: Data): Verdict | undefined {
  const parsed = v.safeParse(Remembered, data.get(VERDICT));
  return parsed.success ? parsed.output : undefined;
}

/** Keeps the verdict, and shows an active one now, before the flags from which an author's handlers set their own line. */
export function rememberVerdict(juju: HookContext, data: Data, verdict: Verdict): void {
  const before = lastVerdict(data);
  data.set(VERDICT, { status: verdict.status, message: verdict.message });
  if (verdict.status !== 'active') return;
  const shown = juju.currentStatus();
  // Without a verdict to compare with, as where the store was lost, the words themselves tell.
  const ours = before === undefined ? OWN_LINE.test(shown?.message ?? '') : shown?.message === before.message;
  const authorsOwn = shown?.status === 'active' && !ours;
  if (!authorsOwn) juju.setStatus('active', verdict.message);
}

/** Called after all handlers. */
export function finish(juju: HookContext, data: Data): void {
  const verdict = lastVerdict(data);
  if (verdict !== undefined && verdict.status !== 'active') juju.setStatus(verdict.status, verdict.message);
}

/** Codes of system calls that failed because of the disk, not because of us. */
const DISK: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** Runs a step. A problem that the operator can mend is noted, and the steps that do not need this one go on. */
export async function attempt<T>(problems: Problem[], step: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Problem) problems.push(error);
    else problems.push(new Problem('blocked', mendable(error)));
    return undefined;
  }
}

/** The operator can mend what a disk or the machine refuses; anything else is a defect of ours, and thrown on. */
function mendable(error: unknown): string {
  if (error instanceof MachineError) return error.message;
  const code = errorCode(error);
  if (code === undefined || !DISK.has(code)) throw error;
  return error instanceof Error ? error.message : code;
}
