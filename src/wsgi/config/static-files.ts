/** The option `static_files`: which folders of the build browsers may read. */
import { pathWithin, type RelativePath } from './paths.ts';
import { BadValue, shown } from './values.ts';

/** One folder that gunicorn's workers serve beside the application. */
export interface StaticFolder {
  /** Beginning of the URLs, with a slash at both ends. */
  readonly prefix: string;
  readonly folder: RelativePath;
}

/** @throws BadValue unless it is PREFIX=FOLDER, separated by spaces */
export function staticFolders(text: string): readonly StaticFolder[] {
  const folders = text
    .split(/\s+/)
    .filter((part) => part !== '')
    .map(staticFolder);
  const twice = folders.find(({ prefix }, index) => folders.findIndex((other) => other.prefix === prefix) !== index);
  if (twice !== undefined) throw new BadValue(`${twice.prefix} is given twice; name one folder for it`);
  return folders;
}

function staticFolder(part: string): StaticFolder {
  const [prefix = '', folder, ...more] = part.split('=');
  if (folder === undefined || more.length > 0) {
    throw new BadValue(`${shown(part)} is not PREFIX=FOLDER; /static/=staticfiles is right`);
  }
  if (!/^\/(?:[\w.~-]+\/)*$/.test(prefix) || prefix.split('/').some((name) => /^\.+$/.test(name))) {
    throw new BadValue(`${shown(prefix)} is not the beginning of a path, with a slash at both ends; /static/ is right`);
  }
  const path = pathWithin(folder);
  if (path === undefined) throw new BadValue(`${shown(part)} names no folder; ${prefix}=staticfiles is right`);
  return { prefix, folder: path };
}
