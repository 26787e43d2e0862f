/** The charm with a script for its runtime, which loads a module before the charm, and makes the charm small to copy. */
import { chmod, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';

/** @param variable `NAME=value`, which that module finds in its environment; @returns the charm's folder within `base` */
export async function preloadedCharm(base: string, module: string, [name, value]: [string, string]): Promise<string> {
  const charm = join(base, 'charm');
  const runtime = join(inject('charm'), 'runtime/bin/node');
  await cp(inject('charm'), charm, { recursive: true, filter: (path) => path !== runtime });
  const script = `#!/bin/sh\n${name}='${value}' exec '${runtime}' --import '${module}' "$@"\n`;
  await writeFile(join(charm, 'runtime/bin/node'), script);
  await chmod(join(charm, 'runtime/bin/node'), 0o755);
  return charm;
}
