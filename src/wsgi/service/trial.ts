/** Tries a service beside the one that serves: same user, environment, limits and drop-ins, on a loopback port. */
import { ensureSymlink, listDirectory, removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, resetFailed, show, start, stop } from '../../system/systemd.ts';
import { DROP_INS, TRIAL, TRIAL_ENVIRONMENT, UNITS } from '../paths.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { answersAndStays, type Stayed } from './health.ts';
import { lastWords } from './last-words.ts';
import { freePort } from './state.ts';

const UNIT_FILE = `${UNITS}/${TRIAL}`;
const TRIAL_DROP_INS = `${UNIT_FILE}.d`;

/** A trial that went well, of which service, and whether it was in this hook or in one before. */
export interface Tried {
  readonly generation: string;
  readonly when: 'now' | 'before';
}

/**
 * Starts the wanted service as a trial, waits for it to answer and stay, and takes every trace of it away.
 *
 * @param answered called when it has answered, before it settles
 */
export async function trial(machine: Machine, wanted: DesiredService, answered: () => Promise<void>): Promise<Stayed> {
  const port = await freePort();
  try {
    await writeFile(machine, TRIAL_ENVIRONMENT, wanted.environment, { mode: 0o600 });
    for (const [path, content] of wanted.files) await writeFile(machine, path, content, { mode: 0o644 });
    await writeFile(machine, UNIT_FILE, wanted.trialUnit(port), { mode: 0o644 });
    if ((await listDirectory(machine, DROP_INS)).length > 0) await ensureSymlink(machine, TRIAL_DROP_INS, DROP_INS);
    await daemonReload(machine);
    const started = await start(machine, TRIAL);
    if (!started.ok) return await notStarted(machine, started.reason);
    return await answersAndStays(machine, {
      unit: TRIAL,
      address: { host: '127.0.0.1', port },
      healthPath: wanted.healthPath,
      startTimeout: wanted.startTimeout,
      settleTime: wanted.settleTime,
      answered,
    });
  } finally {
    await endTrial(machine);
  }
}

/** Exit codes with which systemd says that it could not set up a sandbox (systemd.exec(5), "Process Exit Codes"). */
export const SANDBOX_REFUSED: ReadonlySet<string> = new Set([
  '217',
  '226',
  '227',
  '228',
  '218',
  '225',
  '237',
  '238',
  '239',
]);

async function notStarted(machine: Machine, reason: string): Promise<Stayed> {
  const status = (await show(machine, [TRIAL], ['ExecMainStatus'])).get(TRIAL)?.ExecMainStatus ?? '';
  const kind = SANDBOX_REFUSED.has(status) ? 'sandbox' : 'died';
  return { ok: false, kind, reason: (await lastWords(machine, TRIAL)) || reason };
}

/** Also ends a trial that a killed hook left behind. Says whether there was anything of one. */
export async function endTrial(machine: Machine): Promise<boolean> {
  const left = (await listDirectory(machine, UNITS)).some((name) => name.startsWith(TRIAL));
  if (!left) return removeFile(machine, TRIAL_ENVIRONMENT);
  await stop(machine, TRIAL);
  await resetFailed(machine, TRIAL);
  await removeFile(machine, TRIAL_DROP_INS);
  await removeFile(machine, UNIT_FILE);
  await removeFile(machine, TRIAL_ENVIRONMENT);
  await daemonReload(machine);
  return true;
}
