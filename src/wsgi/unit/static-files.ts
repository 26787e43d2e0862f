/** What gunicorn's workers need to serve the folders of the option `static_files`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import renderProgram from '../../../templates/static-files.py.hbs';
import { digestOf } from '../../system/digest.ts';
import { carriedWheels } from '../../system/venv-key.ts';
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';
import type { StaticFolder } from '../config/static-files.ts';
import type { WsgiYaml } from '../config/wsgi-yaml.ts';
import { DATA, STATIC_FILES, VENVS } from '../paths.ts';
import type { Source } from '../source/in-place.ts';
import { blocked } from '../status.ts';

/** Paths are as the machine's processes see them. */
export interface StaticFiles {
  readonly folders: readonly StaticFolder[];
  /** The folder that all builds are in; undefined for code that is served in place. */
  readonly builds: string | undefined;
  /** The folder that the data paths of builds are links into. */
  readonly data: string;
  /** The program of templates/static-files.py.hbs. */
  readonly program: string;
  /** WhiteNoise. */
  readonly wheel: string;
  /** Another one whenever a worker would serve them differently. */
  readonly digest: string;
  /** Program and wheel, by machine path. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
}

/**
 * @returns undefined where the option is empty
 * @throws Problem where the charm was made without WhiteNoise
 */
export function staticFilesFor(
  { machine, charmDir }: Pick<WsgiApi, 'machine' | 'charmDir'>,
  yaml: WsgiYaml,
  { static_files: folders }: Options,
  source: Source,
): StaticFiles | undefined {
  if (folders.length === 0) return undefined;
  const carried = join(charmDir, 'wheels');
  const name = carriedWheels(carried).find((wheel) => wheel.startsWith('whitenoise-'));
  if (name === undefined) return blocked('static_files: this charm carries no WhiteNoise; reset the option');
  const program = renderProgram({});
  const wheel = `${VENVS}/wheels/${name}`;
  const builds = source.label === undefined ? undefined : machine.path(yaml.application_root);
  return {
    folders,
    builds,
    data: machine.path(DATA),
    program: machine.path(STATIC_FILES),
    wheel: machine.path(wheel),
    digest: digestOf([folders, builds ?? '', program, name]).slice(0, 8),
    files: new Map<string, string | Uint8Array>([
      [STATIC_FILES, program],
      [wheel, readFileSync(join(carried, name))],
    ]),
  };
}
