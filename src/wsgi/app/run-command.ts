/** One command of the operator's in the build that serves: the action `run`, and `wsgi-run` for a person on the machine. */
import * as z from 'zod/mini';
import renderRun from '../../../templates/wsgi-run.hbs';
import { listDirectory, removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import type { WsgiApi } from '../api.ts';
import { OUTPUTS, RUN_PROGRAM } from '../paths.ts';
import type { Confinement } from '../unit/confinement.ts';
import { type BuildCommand, runInBuild } from './provision.ts';

const Params = z.object({ command: z.string(), timeout: z.prefault(z.number(), 600) });

/** Characters of output that a result carries. */
const SHOWN = 16_000;
/** Bytes of output that are kept. */
const KEPT = 16 * 1024 * 1024;
/** Files with whole outputs that stay. */
const MOST_FILES = 5;

/** The exit code and the output are the result; a command that fails makes the action fail. */
export async function runCommand({ machine, juju }: WsgiApi, run: Omit<BuildCommand, 'argv' | 'unit'>): Promise<void> {
  const params = Params.safeParse(juju.actionParams());
  if (!params.success)
    return juju.actionFail('command: a command for /bin/sh is needed, such as "python manage.py check"');
  const { command, timeout } = params.data;
  const argv = ['/bin/sh', '-c', command] as const;
  const result = await runInBuild(machine, { ...run, unit: 'gunicorn3-run', argv: [...argv], timeout, keep: KEPT });
  const output = result.output.length <= SHOWN ? result.output : await cut(machine, result.output);
  juju.actionResult({ 'exit-code': String(result.code), output });
  if (!result.ok) juju.actionFail(result.reason);
}

async function cut(machine: Machine, output: string): Promise<string> {
  const path = `${OUTPUTS}/run-${new Date().toISOString().replaceAll(':', '')}.txt`;
  await writeFile(machine, path, output, { mode: 0o600 });
  const names = (await listDirectory(machine, OUTPUTS)).filter((name) => /^run-.*\.txt$/.test(name)).sort();
  for (const name of names.slice(0, -MOST_FILES)) await removeFile(machine, `${OUTPUTS}/${name}`);
  return cutInTheMiddle(output, SHOWN, `all of it is in ${path}`);
}

/** The beginning and the end of a text, with what is missing between them said on a line of its own. */
function cutInTheMiddle(text: string, most: number, where: string): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  const left = text.length - 2 * half;
  return `${text.slice(0, half)}\n[... ${left} characters are left out; ${where} ...]\n${text.slice(-half)}`;
}

/** Writes the program `wsgi-run`, which does the same for a person, with a terminal. */
export async function writeRunProgram(machine: Machine, owner: string, confinement: Confinement): Promise<void> {
  const { user, group, workingDirectory, environmentFile } = confinement;
  const properties = [
    `User=${user}`,
    `Group=${group}`,
    `WorkingDirectory=${workingDirectory}`,
    `EnvironmentFile=${environmentFile}`,
    'UMask=0027',
    'NoNewPrivileges=yes',
    'PrivateTmp=yes',
  ];
  const flags = properties.map((property) => `-p '${property.replaceAll("'", "'\\''")}'`).join(' ');
  await writeFile(machine, RUN_PROGRAM, renderRun({ owner, properties: flags }), { mode: 0o755 });
}
