import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { listDirectory } from './files.ts';
import type { Machine } from './machine.ts';
import type { Requirements } from './requirements.ts';
import type { VenvSpec } from './venv.ts';

/** The interpreter behind `python3`. */
export interface Interpreter {
  readonly executable: string;
  readonly tag: string;
}

/** The interpreter behind `python3`, by a name that outlives its security updates, and what its compiled files are called. */
export async function findInterpreter(machine: Machine): Promise<Interpreter | undefined> {
  const program = 'import os, sys; print(os.path.realpath(sys.executable)); print(sys.implementation.cache_tag)';
  const { code, stdout } = await machine.run('python3', ['-I', '-c', program], { timeout: 60 });
  const [executable = '', tag = ''] = stdout.split('\n');
  return code === 0 && executable !== '' ? { executable, tag } : undefined;
}

/** Names what an environment is made of: two of the same key are the same. */
export async function venvKey(
  machine: Machine,
  spec: VenvSpec,
  interpreter: Interpreter,
  requirements: Requirements | undefined,
): Promise<string> {
  const parts = [
    interpreter,
    requirements?.files ?? [],
    requirements?.usesBuild ? [spec.build, spec.buildDigest ?? ''] : [],
    spec.pipCacheDir === undefined ? [] : ['no index', await listDirectory(machine, spec.pipCacheDir)],
    asksFor(requirements, /^\s*gunicorn\b/im)
      ? []
      : carriedWheels(spec.wheels).filter((name) => !name.startsWith('pip-')),
  ];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** Names of the wheels that the charm carries, sorted. */
export function carriedWheels(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.whl'))
    .sort();
}

/** Whether a line of the requirements is of this kind. */
export function asksFor(requirements: Requirements | undefined, line: RegExp): boolean {
  return requirements?.files.some(([, text]) => line.test(text)) ?? false;
}
