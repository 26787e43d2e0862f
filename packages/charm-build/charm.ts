import { dirname, join } from 'node:path';
import { bundle } from './bundle.ts';
import { LAUNCHER, launcherPaths } from './launchers.ts';
import type { Actions, Metadata } from './metadata.ts';
import { MODULE } from './package.ts';
import { type Architecture, runtimeFor } from './runtime.ts';
import { type Node, type Tree, text } from './tree.ts';
import { toYaml } from './yaml.ts';

/** What a charm is made of, once its layers are one. */
export interface CharmParts {
  readonly metadata: Metadata;
  readonly actions: Actions;
  /** Everything that goes in as it is: the YAML files, templates, wheels, builds, the author's own files. */
  readonly files: Tree;
  /** Modules that export `handlers`, in the order in which these are registered, after the layer's own. */
  readonly handlers: readonly string[];
  readonly version: string;
}

export interface CharmOptions {
  readonly architecture: Architecture;
  /** `bundled`: the charm carries its own Node. `system`: the unit must have one, 18.19 or newer. */
  readonly runtime: 'bundled' | 'system';
  /** Folder of this package. */
  readonly project: string;
  /** What lib/entry.cjs does: runs the event that Juju told (the default), or exports `hook` for a test to call. */
  readonly entry?: 'main' | 'hook';
}

/** Ubuntu releases that the charm is made and tested for. */
const BASES = ['22.04', '24.04'];

/** The charm directory, as Juju deploys it. */
export async function charmTree(parts: CharmParts, options: CharmOptions): Promise<Tree> {
  const folder = options.project;
  const entry = entryOf(parts.handlers, options.entry ?? 'main');
  // A handler's module is in reactive/ of its author's folder.
  const roots = parts.handlers.map((path) => dirname(dirname(path)));
  const bundled = await bundle({ entry, folder, overlay: { folder, files: parts.files }, roots });
  const tree: Tree = new Map(parts.files);
  for (const path of launcherPaths(parts.metadata, parts.actions)) tree.set(path, text(LAUNCHER, { executable: true }));
  for (const [name, code] of bundled) tree.set(`lib/${name}`, text(code));
  tree.set('lib/launch.sh', copy(join(options.project, 'packages/charm-build/launch.sh')));
  tree.set('manifest.yaml', text(manifest(options.architecture)));
  tree.set('version', text(`${parts.version}\n`));
  await carryRuntime(tree, options);
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Adds the Node that the charm carries, or takes out what a machine that has one has too. */
export async function carryRuntime(
  tree: Tree,
  { runtime: which, architecture, project }: Pick<CharmOptions, 'runtime' | 'architecture' | 'project'>,
): Promise<void> {
  if (which === 'bundled') {
    const runtime = await runtimeFor(architecture, project);
    tree.set('runtime/bin/node', { kind: 'copy', from: runtime.binary, executable: true, shared: true });
    tree.set('runtime/LICENSE', copy(runtime.license));
  } else {
    // A charm that is to be small leaves pip to the Debian package that python3-venv brings too.
    for (const path of tree.keys()) if (/^wheels\/pip-.*\.whl$/.test(path)) tree.delete(path);
  }
}

function entryOf(modules: readonly string[], kind: 'main' | 'hook'): string {
  const handlers = `[${modules.map((_, index) => `...handlers${index}`).join(', ')}]`;
  return [
    `import { main, runHook } from './src/main${MODULE}';`,
    ...modules.map((path, index) => `import { handlers as handlers${index} } from ${JSON.stringify(path)};`),
    kind === 'main' ? `void main(${handlers});` : `export const hook = (io) => runHook(io, ${handlers});`,
  ].join('\n');
}

/** Source: charmcraft's manifest.yaml, which Juju reads the bases from. */
export function manifest(architecture: Architecture): string {
  return toYaml({ bases: BASES.map((channel) => ({ name: 'ubuntu', channel, architectures: [architecture] })) });
}

function copy(from: string): Node {
  return { kind: 'copy', from, executable: false };
}
