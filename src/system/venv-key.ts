import { readdirSync } from 'node:fs';
import { digestOf } from './digest.ts';
import { listDirectory } from './files.ts';
import type { Machine } from './machine.ts';
import type { Requirements } from './requirements.ts';

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
  interpreter: { readonly executable: string; readonly tag: string },
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
