/** The charm with a script for its runtime, which loads a module before the charm. */
import { chmod, cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';

/**
 * Small to copy: Node and the module stay where they are on this host.
 *
 * @param variable name and value of what the module finds in its environment
 * @returns the charm's folder within `base`
 */
export async function preloadedCharm(
  base: string,
  module: string,
  variable: readonly [string, string],
): Promise<string> {
  const charm = join(base, 'charm');
  const runtime = join(inject('charm'), 'runtime/bin/node');
  await cp(inject('charm'), charm, { recursive: true, filter: (path) => path !== runtime });
  await writeRuntime(charm, variable, runtime, module);
  return charm;
}

/** The same for a machine with files of its own: everything is within the charm. */
export async function wholePreloadedCharm(
  base: string,
  module: string,
  variable: readonly [string, string],
): Promise<string> {
  const charm = join(base, 'charm');
  await cp(inject('charm'), charm, { recursive: true });
  const bin = join(charm, 'runtime/bin');
  await rename(join(bin, 'node'), join(bin, 'node-itself'));
  await cp(module, join(bin, 'preload.mts'));
  await writeRuntime(charm, variable, '$(dirname "$0")/node-itself', '$(dirname "$0")/preload.mts');
  return charm;
}

async function writeRuntime(charm: string, [name, value]: readonly [string, string], runtime: string, module: string) {
  const file = join(charm, 'runtime/bin/node');
  await writeFile(file, `#!/bin/sh\n${name}='${value}' exec "${runtime}" --import "${module}" "$@"\n`);
  await chmod(file, 0o755);
}
