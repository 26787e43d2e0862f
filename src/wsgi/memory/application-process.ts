/** How the application that serves was started, kept for processes of the charm's author that are to run as it does. */
import * as v from 'valibot';
import { ReactiveError } from '../../reactive/errors.ts';
import type { Data, Flags } from '../../reactive/types.ts';
import type { ApplicationProcess } from '../api.ts';

const KEY = 'wsgi.served.process';

const Kept = v.object({
  python: v.string(),
  environmentFile: v.string(),
  user: v.string(),
  group: v.string(),
  workingDirectory: v.string(),
});

/** @throws ReactiveError where the application has not served yet: a mistake of the handler, whose author sees it */
export function applicationProcess(data: Data): ApplicationProcess {
  const kept = v.safeParse(Kept, data.get(KEY));
  if (kept.success) return kept.output;
  throw new ReactiveError(
    "wsgi says how the application was started once this unit has served it: add when('wsgi.available') to the handler",
  );
}

/** Sets `wsgi.process.changed`, which the author's handler clears, where a part differs from what was recorded last. */
export function recordApplicationProcess(
  { data, flags }: { readonly data: Data; readonly flags: Flags },
  { python, environmentFile, user, group, workingDirectory }: ApplicationProcess,
): void {
  const process = { python, environmentFile, user, group, workingDirectory };
  if (JSON.stringify(data.get(KEY)) === JSON.stringify(process)) return;
  data.set(KEY, process);
  flags.set('wsgi.process.changed');
}
