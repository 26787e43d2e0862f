import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { MASK } from '../../system/mask.ts';
import type { WsgiApi } from '../api.ts';
import { readServed } from '../service/state.ts';

const Params = z.object({ reveal: z.optional(z.boolean()) });

/** Variables that the charm or systemd sets itself, and that hold no secret. */
const PLAIN: ReadonlySet<string> = new Set([
  'GUNICORN3_GENERATION',
  'HOME',
  'INVOCATION_ID',
  'LANG',
  'LISTEN_FDNAMES',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LOGNAME',
  'NOTIFY_SOCKET',
  'PATH',
  'SHELL',
  'STATE_DIRECTORY',
  'USER',
  'VIRTUAL_ENV',
]);

/** The environment of the process that serves now. Any value may be a secret, so those of others are masked. */
export async function showEnvironment({ machine, juju }: WsgiApi): Promise<boolean> {
  const { pid } = await readServed(machine);
  if (pid === undefined) {
    juju.actionFail('the application is not running, so it has no environment');
    return false;
  }
  const params = Params.safeParse(juju.actionParams());
  const reveal = params.success && params.data.reveal === true;
  const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8')
    .split('\0')
    .filter((pair) => pair.includes('='));
  const lines = pairs.map((pair) => {
    const name = pair.slice(0, pair.indexOf('='));
    return reveal || PLAIN.has(name) ? pair : `${name}=${MASK}`;
  });
  juju.actionResult({ environment: lines.sort().join('\n') });
  return false;
}
