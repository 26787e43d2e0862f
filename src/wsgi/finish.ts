/** The unit's status line: the layer's own active line gives way to an author's; its blocked and waiting lines win. */
import * as v from 'valibot';
import type { HookContext } from '../juju/types.ts';
import type { Data } from '../reactive/types.ts';
import type { Verdict } from './status.ts';

const VERDICT = 'wsgi.verdict';
const SERVING = 'serving';
const HANDED_OVER = 'handed over to the gunicorn subordinate:';
/** What {@link activeLine} makes. */
const OWN_LINE = new RegExp(`^(?:${SERVING}|${HANDED_OVER})(?: \\S+)? on port \\d+$`);
const Remembered = v.object({
  status: v.picklist(['maintenance', 'blocked', 'waiting', 'active']),
  message: v.string(),
});

/** The layer's active line. */
export function activeLine(label: string | undefined, port: number, handedOver: boolean): Verdict {
  const build = label === undefined ? '' : ` ${label}`;
  return { status: 'active', message: `${handedOver ? HANDED_OVER : SERVING}${build} on port ${port}` };
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
