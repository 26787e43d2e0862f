/** FerretDB, a server of MongoDB's wire protocol, built from test/ferretdb and kept from run to run. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../packages/charm-build/runtime.ts';
import { leftOut } from './required.ts';

const SOURCE = join(import.meta.dirname, '..', 'ferretdb');

/**
 * @returns the path of the program, or why there is none.
 * @throws Error where there has to be one.
 */
export async function ferretdb(): Promise<{ readonly program: string } | { readonly whyNot: string }> {
  const sources = await Promise.all(['go.mod', 'go.sum', 'main.go'].map((name) => readFile(join(SOURCE, name))));
  const digest = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
  const program = join(cacheFolder(), 'ferretdb', digest);
  if (existsSync(program)) return { program };
  const version = await execa('go', ['version'], { reject: false });
  if (version.exitCode !== 0) return { whyNot: leftOut('there is no Go to build FerretDB with') };
  await mkdir(join(cacheFolder(), 'ferretdb'), { recursive: true });
  // Another run may build it at the same time: the last to rename wins, and all are the same.
  const building = `${program}.${process.pid}`;
  await execa('go', ['build', '-o', building, '.'], { cwd: SOURCE });
  await rename(building, program);
  return { program };
}
