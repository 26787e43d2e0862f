import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';

/**
 * The folders of a PATH that this user may enter. With one that they may not, as after `su`, every program that is
 * missing is reported as one that may not be run (EACCES in place of ENOENT, execvp(3)).
 *
 * @param {string} path
 * @returns {string[]}
 */
export function searchable(path) {
  return path.split(delimiter).filter((folder) => {
    try {
      accessSync(folder, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
