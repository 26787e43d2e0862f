import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';

/** Suffix of this package's modules: `.ts` in the repository, `.js` where the package is installed. */
export const MODULE = extname(import.meta.filename);

/** Folder of this package: the repository, or where it is installed. */
export const PROJECT = join(import.meta.dirname, '../..');

const Package = z.object({ version: z.string() });

/** The version in the package.json of a folder. */
export async function packageVersion(folder: string): Promise<string> {
  return Package.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).version;
}
