/** Machines that were to end with a process, and which process that is: one that is killed cannot see to it. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Gone when this host boots anew, as the machines are. */
const REGISTER = '/run/layer-wsgi/machines';

const record = z.object({ directory: z.string(), pid: z.number(), startedAt: z.string() });

/** Says that a machine is to end with this process. */
export async function registerMachine(name: string, directory: string): Promise<void> {
  await mkdir(REGISTER, { recursive: true, mode: 0o700 });
  const { pid } = process;
  await writeFile(join(REGISTER, name), JSON.stringify({ directory, pid, startedAt: await startOf(pid) }));
}

/** A machine that is no more. */
export async function forgetMachine(name: string): Promise<void> {
  await rm(join(REGISTER, name), { force: true });
}

/** Directories of machines whose process is no more, by the names of the machines. */
export async function leftovers(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of await readdir(REGISTER).catch(() => [])) {
    const made = record.safeParse(parsed(await readFile(join(REGISTER, name), 'utf8').catch(() => '')));
    // One that is not whole is being written now, or somebody has just swept it up.
    if (made.success && made.data.startedAt !== (await startOf(made.data.pid))) found.set(name, made.data.directory);
  }
  return found;
}

/** When a process began, in ticks since the boot, by which it differs from a later one of its number; empty for none. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // Source: proc(5), /proc/pid/stat; the name of the program, in parentheses, may hold anything.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
