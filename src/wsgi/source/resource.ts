/** Puts the content of the `build` resource into application_root, and says by two flags whether it is there. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import * as z from 'zod/mini';
import { unpack } from '../../system/archives/unpack.ts';
import { digestFile } from '../../system/digest.ts';
import { MachineError } from '../../system/errors.ts';
import { ensureDirectory, removeFile } from '../../system/files.ts';
import { replaceContent } from '../../system/replace-content.ts';
import type { WsgiApi } from '../api.ts';
import { parseOptions } from '../config/options.ts';
import { type WsgiYaml, withDataPaths, wsgiYamlOf } from '../config/wsgi-yaml.ts';
import { checkOwner } from '../owner.ts';
import { INCOMING } from '../paths.ts';
import { Problem } from '../status.ts';
import { hasBuilds } from './builds.ts';
import { forgetMade } from './removed.ts';
import { fileMark, isGone, type Remembered, rememberedResource, rememberResource } from './resource-state.ts';

const AVAILABLE = 'resources.build.available';
const MISSING = 'resources.build.missing';

/** By the application root. */
type LastDataPaths = (applicationRoot: string) => readonly string[];

const ARCHIVE = `${INCOMING}/resource`;

/**
 * Unpacks new content, and then clears and sets `resources.build.available`, so that handlers and triggers of either kind
 * hear of it. What cannot be unpacked leaves the application as it was, and is tried again where trying may help.
 *
 * @param lastDataPaths the option data_paths as the application was last served with it, for while its value is wrong
 */
export async function unpackBuildResource(api: WsgiApi, lastDataPaths: LastDataPaths): Promise<void> {
  const { data, juju } = api;
  if (!isOurs(api)) {
    rememberResource(data, { ours: false });
    return;
  }
  const yaml = await charmAndMachineAllow(api);
  const before: Remembered = { ...rememberedResource(data), ours: true };
  // A wrong wsgi.yaml, or a machine of somebody else's, is said where the application is looked at.
  if (yaml === undefined) rememberResource(data, { ...before, file: undefined });
  else rememberResource(data, await take(api, yaml, before, juju.resource('build'), lastDataPaths));
}

async function take(
  api: WsgiApi,
  yaml: WsgiYaml,
  { ours, unpacked }: Remembered,
  path: string | undefined,
  lastDataPaths: LastDataPaths,
): Promise<Remembered> {
  const { flags } = api;
  const file = fileMark(path);
  const root: string = yaml.application_root;
  const place = api.machine.path(root);
  if (path === undefined) {
    if (!flags.isSet(AVAILABLE)) flags.set(MISSING);
    return { ours, file, unpacked };
  }
  const content = await digestFile(path);
  if (unpacked?.content === content && unpacked.root === root) {
    if (!isGone(place)) return { ours, file, unpacked: { ...unpacked, place } };
    api.juju.log('WARNING', `the code is not in ${root} any more: the build resource is unpacked again`);
    forgetMade(api.data, root);
  }
  try {
    const refused = await bringIn(api, yaml, path, lastDataPaths);
    if (refused !== undefined) return { ours, file, unpacked, problem: `build resource: ${refused}; attach another` };
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    return { ours, unpacked, problem: `build resource: ${error.message}` };
  }
  for (const flag of [MISSING, AVAILABLE]) flags.clear(flag);
  flags.set(AVAILABLE);
  return { ours, file, unpacked: { content, root, place } };
}

/** @returns why the archive was refused */
async function bringIn(
  api: WsgiApi,
  yaml: WsgiYaml,
  path: string,
  lastDataPaths: LastDataPaths,
): Promise<string | undefined> {
  const { machine } = api;
  const { application_root: root, data_paths: keep } = withDataPaths(yaml, optionalDataPaths(api, yaml, lastDataPaths));
  // A name that is in no archive. What an ended hook left under another goes with the old content.
  const fresh = `.incoming-${randomBytes(8).toString('hex')}`;
  await ensureDirectory(machine, INCOMING, { mode: 0o700 });
  try {
    copyFileSync(path, machine.path(ARCHIVE));
    const result = await unpack(machine, ARCHIVE, `${root}/${fresh}`, {
      unwrap: (folder) => folder !== packageOf(api, yaml),
    });
    if (!result.ok) return result.reason;
    await replaceContent(machine, root, fresh, { keep });
    return undefined;
  } finally {
    await removeFile(machine, ARCHIVE);
  }
}

/** Those of the option; while that cannot be read, those that it had when the application last came to serve. */
function optionalDataPaths(
  api: WsgiApi,
  { application_root: applicationRoot }: WsgiYaml,
  lastDataPaths: LastDataPaths,
): readonly string[] {
  const { data_paths = '' } = api.juju.config();
  const { options } = parseOptions({ data_paths }, { applicationRoot });
  return options?.data_paths ?? lastDataPaths(applicationRoot);
}

/** The package that wsgi_module is in. */
function packageOf(api: WsgiApi, { application_root: applicationRoot }: WsgiYaml): string | undefined {
  const { wsgi_module, wsgi_application = '' } = api.juju.config();
  const given = { ...(wsgi_module === undefined ? {} : { wsgi_module }), wsgi_application };
  return parseOptions(given, { applicationRoot }).options?.wsgi_module?.module.split('.')[0];
}

async function charmAndMachineAllow(api: WsgiApi): Promise<WsgiYaml | undefined> {
  try {
    await checkOwner(api);
    return wsgiYamlOf(api);
  } catch (error) {
    if (error instanceof Problem || error instanceof MachineError) return undefined;
    throw error;
  }
}

const Metadata = z.object({
  resources: z.optional(z.object({ build: z.optional(z.object({ type: z.optional(z.string()) })) })),
});
const LayerYaml = z.object({ includes: z.optional(z.array(z.string())) });

/** The charm declares it, has no builds by label, and no other layer that unpacks resources. */
function isOurs({ charmDir }: WsgiApi): boolean {
  if (hasBuilds) return false;
  const metadata = Metadata.safeParse(contents(join(charmDir, 'metadata.yaml'))).data;
  const build = metadata?.resources?.build;
  if (build === undefined || (build.type ?? 'file') !== 'file') return false;
  const layers = LayerYaml.safeParse(contents(join(charmDir, 'layer.yaml'))).data;
  return layers?.includes?.includes('layer:untar-resources') !== true;
}

/** The charm's own YAML was read by those who made and deployed it; a file that is absent says nothing. */
function contents(file: string): unknown {
  try {
    return loadAll(readFileSync(file, 'utf8'))[0];
  } catch {
    return undefined;
  }
}
