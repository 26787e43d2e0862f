/** A charm with handlers in Python on layer:wsgi, put together as `charm build` would, without layer:basic and its wheels. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dump, load } from 'js-yaml';
import { launcherPaths } from '../../packages/charm-build/launchers.ts';
import { layerTree } from '../../packages/charm-build/layer/layer-tree.ts';
import { Metadata } from '../../packages/charm-build/metadata.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';
import { contentOf, type Tree, text, writeTree } from '../../packages/charm-build/tree.ts';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { pythonWithCharmsReactive } from '../reactive-parity/charms-reactive.ts';
import { answering, archiveOf, page, QUICK, statusOf } from './wsgi-model.ts';

export const FIXTURES = join(import.meta.dirname, '../fixtures/python-charm');

/** The handlers of the layer's documentation. */
export const MYSITE = readFileSync(join(FIXTURES, 'mysite.py'), 'utf8');

export interface PythonCharm {
  /** reactive/mysite.py; {@link MYSITE} unless given. */
  readonly handlers?: string;
  /** Without layer:wsgi: for what the layer costs. */
  readonly bare?: boolean;
  /** Declares the build resource; unless told. */
  readonly resource?: boolean;
  /** More files, by their path in the charm. */
  readonly files?: Readonly<Record<string, string>>;
}

/** @returns the charm directory */
export async function pythonCharm({
  handlers = MYSITE,
  bare = false,
  resource = true,
  files = {},
}: PythonCharm = {}): Promise<string> {
  const layer = await layerTree({ project: PROJECT, architecture: ownArchitecture(), runtime: 'bundled' });
  const tree: Tree = bare ? new Map() : new Map(layer);
  const words = layer.get('metadata.yaml') ?? text('');
  const ofLayer = Object(load(Buffer.from(await contentOf(words)).toString()));
  const metadata = Metadata.parse({
    // The relation of the units comes with any deployment, and with hooks of its own.
    ...(bare ? { peers: ofLayer.peers } : ofLayer),
    name: 'mysite',
    summary: 'My site',
    description: 'My site.',
    ...(resource && { resources: { build: { type: 'file', filename: 'build.tar.gz' } } }),
  });
  tree.set('metadata.yaml', text(dump(metadata)));
  const hook = await readFile(join(FIXTURES, 'hook.py'), 'utf8');
  for (const path of launcherPaths(metadata, {})) tree.set(path, text(hook, { executable: true }));
  const basic = await readFile(join(FIXTURES, 'basic.py'), 'utf8');
  tree.set('lib/charms/layer/basic.py', text(basic.replaceAll('PYTHON', await pythonWithCharmsReactive())));
  tree.set('reactive/mysite.py', text(handlers));
  for (const [path, content] of Object.entries(files)) tree.set(path, text(content));
  const folder = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-python-')), 'mysite');
  await writeTree(tree, folder);
  return folder;
}

/** Deploys it as `mysite` on port 8080, with an application that answers with `content`. */
export async function deployMysite(
  model: LocalModel,
  charm: string,
  content: Content = 'one',
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  const resources = { build: await buildOf(content) };
  await model.deploy(charm, { application: 'mysite', config: { port: '8080', ...QUICK, ...config }, resources });
}

/** Text, or an expression of Python. */
export type Content = string | { readonly expression: string };

/** The archive of an application that answers with `content`. */
export function buildOf(content: Content): Promise<string> {
  return archiveOf({
    'wsgi.py': answering(typeof content === 'string' ? JSON.stringify(content) : content.expression),
  });
}

/** What the unit answers when its service is asked, and who answers. */
export async function served(model: LocalModel): Promise<{ page: string; process: string; status: string }> {
  const { results } = await model.unit('mysite/0').exec('systemctl show gunicorn3.service -p MainPID --value');
  const { current, message } = await statusOf(model, 'mysite/0');
  return {
    page: await page(model, '/', { unit: 'mysite/0' }),
    process: String(results.stdout).trim(),
    status: `${current}: ${message}`,
  };
}

/** What charms.reactive has written to its store: flags, and what the layer keeps there. */
export async function storeOf(model: LocalModel): Promise<Readonly<Record<string, unknown>>> {
  const { results } = await model.unit('mysite/0').exec(`python3 -c '${READ_STORE}'`);
  return JSON.parse(String(results.stdout));
}

const FLAG = 'reactive.states.';

/** Names of the flags that are set. */
export async function flagsOf(model: LocalModel): Promise<string[]> {
  const keys = Object.keys(await storeOf(model)).sort();
  return keys.flatMap((key) => (key.startsWith(FLAG) ? [key.slice(FLAG.length)] : []));
}

const READ_STORE = `
import json, sqlite3
rows = sqlite3.connect(".unit-state.db").execute("select key, data from kv")
print(json.dumps({key: json.loads(data) for key, data in rows if key.startswith(("wsgi.", "reactive.states."))}))`;

/** Names of the handlers that charms.reactive has invoked since a record of the log, in their order. */
export function invoked(model: LocalModel, since = 0): string[] {
  const messages = model
    .log()
    .slice(since)
    .map(({ message }) => message);
  return messages.flatMap((message) => /^Invoking reactive handler: .*:(\w+)$/.exec(message)?.[1] ?? []);
}
