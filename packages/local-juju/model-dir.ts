/** Where models are kept. */

import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { LocalError } from './model/local-error.ts';

/** Folder of the models: `$XDG_STATE_HOME/wsgi-charm`, or `~/.local/share/wsgi-charm`. */
function modelsDir(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.local/share') : base, 'wsgi-charm');
}

const MODEL_NAME = /^[a-z0-9][a-z0-9-]*$/;

/** A name under {@link modelsDir}, or the path of a folder. */
export function modelDir(model: string): string {
  if (MODEL_NAME.test(model)) return join(modelsDir(), model);
  if (isAbsolute(model) || model.startsWith('.')) return resolve(model);
  const rule = 'model names may only contain lowercase letters, digits and hyphens';
  throw new LocalError(`${JSON.stringify(model)} is not a valid name: ${rule}`);
}
