import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is in each file that everybody can read; in a folder that not everybody can enter there is none. */
export function filesForAll(root: string, path = ''): Record<string, string> {
  const stat = lstatSync(join(root, path));
  if (stat.isFile()) return (stat.mode & 0o004) === 0 ? {} : { [path]: readFileSync(join(root, path), 'latin1') };
  if (!stat.isDirectory() || (stat.mode & 0o001) === 0) return {};
  return Object.assign({}, ...readdirSync(join(root, path)).map((name) => filesForAll(root, join(path, name))));
}
