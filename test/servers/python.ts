/** Python with packages from the package index, in a virtual environment that is kept from run to run. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../packages/charm-build/runtime.ts';

/**
 * @param requirements As pip takes them, with versions: `pymongo==4.15.4`.
 * @returns the path of an interpreter that can import them.
 */
export async function pythonWith(requirements: readonly string[]): Promise<string> {
  const { stdout: version } = await execa('python3', ['--version']);
  const digest = createHash('sha256')
    .update([version, ...requirements].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const venv = join(cacheFolder(), 'venvs', digest);
  if (!existsSync(venv)) await make(venv, requirements);
  return join(venv, 'bin', 'python');
}

/** Built to one side and renamed, for other tests may be at the same; only `python` of it can be run then. */
async function make(venv: string, requirements: readonly string[]): Promise<void> {
  await mkdir(join(venv, '..'), { recursive: true });
  const building = await mkdtemp(`${venv}.`);
  await execa('python3', ['-m', 'venv', building]);
  await execa(join(building, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...requirements]);
  await rename(building, venv).catch(async (error: unknown) => {
    await rm(building, { recursive: true });
    if (!existsSync(venv)) throw error;
  });
}
