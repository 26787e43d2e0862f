/** Wheels of what an application requires, kept from run to run, so that tests of something else need no index each. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder } from '../../packages/charm-build/runtime.ts';

/**
 * @param requirements path of a requirements file
 * @returns a folder with the wheels of everything in it, for the python3 of this machine
 */
export async function wheelsFor(requirements: string): Promise<string> {
  const { stdout: version } = await execa('python3', ['--version']);
  const text = await readFile(requirements, 'utf8');
  const digest = createHash('sha256').update(`${version}\n${text}`).digest('hex').slice(0, 16);
  const folder = join(cacheFolder(), 'wheels', digest);
  if (existsSync(folder)) return folder;
  await mkdir(join(folder, '..'), { recursive: true });
  // To one side and renamed, for another test may be at the same.
  const making = await mkdtemp(`${folder}.`);
  await execa('python3', ['-m', 'pip', 'download', '--quiet', '--only-binary=:all:', '-d', making, '-r', requirements]);
  await rename(making, folder).catch(async (error: unknown) => {
    await rm(making, { recursive: true });
    if (!existsSync(folder)) throw error;
  });
  return folder;
}
