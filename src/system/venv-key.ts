import { readdirSync } from 'node:fs';
import { digestOf } from './digest.ts';
import { listDirectory } from './files.ts';
import type { Machine } from './machine.ts';
import type { Requirements } from './requirements.ts';

/** The interpreter behind `python3`, by a name that outlives its security updates, and what its compiled files are called. */
export interface Interpreter {
  readonly executable: string;
  readonly tag: string;
}

/** What the carried pip and gunicorn run on, and Ubuntu 22.04 has. */
const OLDEST = [3, 10] as const;

/** @returns the interpreter, or why there is none that can be used, in a sentence */
export async function findInterpreter(machine: Machine): Promise<Interpreter | string> {
  const program = [
    'import os, sys',
    'print(os.path.realpath(sys.executable))',
    'print(sys.implementation.cache_tag)',
    'print(*sys.version_info[:2])',
  ].join('; ');
  const { code, stdout } = await machine.run('python3', ['-I', '-c', program], { timeout: 60 });
  const [executable = '', tag = '', version = ''] = stdout.split('\n');
  if (code !== 0 || executable === '') return 'python3 does not run on this machine; install it';
  const [major = 0, minor = 0] = version.split(' ').map(Number);
  const tooOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return tooOld ? `Python ${major}.${minor} is too old: ${OLDEST.join('.')} or newer` : { executable, tag };
}

/** What of the wishes for an environment makes it another one; each is explained where an environment is asked for. */
interface KeyParts {
  readonly build: string;
  readonly buildDigest?: string;
  readonly pipCacheDir?: string;
  readonly wheels: string;
}

/** Names what an environment is made of: two of the same key are the same. */
export async function venvKey(
  machine: Machine,
  spec: KeyParts,
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
      : carriedWheels(spec.wheels).filter((name) => /^(?:gunicorn|packaging)-/.test(name)),
  ];
  return digestOf(parts).slice(0, 16);
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
