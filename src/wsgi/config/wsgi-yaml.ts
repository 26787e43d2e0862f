/** wsgi.yaml: where the application is, who runs it, and which of its folders it writes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import * as z from 'zod/mini';
import { isUserName } from '../../system/users.ts';
import type { WsgiApi } from '../api.ts';
import { blocked } from '../status.ts';
import { type AbsolutePath, absolutePath, pathWithin, type RelativePath } from './paths.ts';
import { BadValue, reading, shown } from './values.ts';

/** What the charm's author says in wsgi.yaml. */
export interface WsgiYaml {
  /** Where the application is. */
  readonly application_root: AbsolutePath;
  /** The system user that runs it. */
  readonly username: string;
  /** Folders within the application that it writes, kept over builds. */
  readonly data_paths: readonly RelativePath[];
}

/** What wsgi.yaml says, or a sentence for each mistake in it. */
export type WsgiYamlResult =
  | { readonly ok: true; readonly settings: WsgiYaml }
  | { readonly ok: false; readonly problems: readonly [string, ...string[]] };

/** Folders of the system: an application in one of them would be given to its user, or be in everybody's way. */
const SYSTEM = new Set(
  `/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /media /mnt /opt /proc /root /run /sbin /snap /sys /tmp /usr /var
   /usr/bin /usr/lib /usr/local /usr/sbin /usr/share /var/cache /var/lib /var/log /var/run /var/spool /var/tmp /var/lib/juju`.split(
    /\s+/,
  ),
);
/** Folders in which nothing stays, or nothing of an application may be. */
const NEVER_IN = [
  '/boot',
  '/dev',
  '/proc',
  '/run',
  '/sys',
  '/tmp',
  '/var/run',
  '/var/tmp',
  '/var/lib/juju',
  '/etc/systemd',
];

const Path = (read: (text: string) => string) => z.pipe(z.string({ error: not('a path') }), reading(read));
const Schema = z.strictObject(
  {
    application_root: z.prefault(Path(applicationRoot), '/srv'),
    username: z.prefault(z.pipe(z.string({ error: not('a name') }), reading(username)), 'wsgi'),
    data_paths: z.prefault(z.array(Path(dataPath), { error: not('a list of paths') }), []),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `${issue.keys.map(shown).join(' and ')} means nothing here; application_root, username and data_paths are right`
        : 'is not a mapping; lines such as "username: wsgi" are right',
  },
);

/** Adds data paths of the option; one that lies below another goes with that. */
export function withDataPaths(yaml: WsgiYaml, more: readonly RelativePath[]): WsgiYaml {
  const all = [...new Set([...yaml.data_paths, ...more])];
  return { ...yaml, data_paths: all.filter((path) => !all.some((other) => path.startsWith(`${other}/`))) };
}

/** Reads what a YAML reader made of wsgi.yaml; what is absent has its default. */
export function parseWsgiYaml(data: unknown): WsgiYamlResult {
  const result = z.safeParse(Schema, data ?? {});
  if (result.success) return { ok: true, settings: result.data };
  const [first = '', ...others] = result.error.issues.map(({ path: [name], message }) =>
    name === undefined ? message : `${String(name)}: ${message}`,
  );
  return { ok: false, problems: [first, ...others] };
}

function not(what: string) {
  return ({ input }: { readonly input?: unknown }) =>
    `${typeof input === 'object' ? 'what is there' : shown(input)} is not ${what}`;
}

function applicationRoot(text: string): AbsolutePath {
  const path = absolutePath(text);
  const system = SYSTEM.has(path) || NEVER_IN.some((folder) => path.startsWith(`${folder}/`));
  if (!system) return path;
  throw new BadValue(`${shown(text)} belongs to the system; a folder of its own such as /srv or /opt/shop is right`);
}

function username(text: string): string {
  if (text === 'root') throw new BadValue('"root" may do everything; a user of its own such as wsgi is right');
  if (isUserName(text)) return text;
  throw new BadValue(
    `${shown(text)} is not a user name; a lower-case letter, then letters, digits, _ and -, at most 32, are right`,
  );
}

function dataPath(text: string): RelativePath {
  const path = pathWithin(text);
  if (path === undefined)
    throw new BadValue('has an empty path; a folder within the application such as media is right');
  return path;
}

/** @throws Problem with a sentence for the first mistake */
export function wsgiYamlOf({ charmDir }: Pick<WsgiApi, 'charmDir'>): WsgiYaml {
  const parsed = parseWsgiYaml(contents(join(charmDir, 'wsgi.yaml')));
  if (!parsed.ok) return blocked(`wsgi.yaml: ${parsed.problems[0]}`);
  return parsed.settings;
}

/** An absent file is an empty one: all settings have defaults. */
function contents(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    return blocked(`wsgi.yaml cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return loadAll(text)[0] ?? {};
  } catch (error) {
    const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
    return blocked(`wsgi.yaml is not YAML: ${line}`);
  }
}
