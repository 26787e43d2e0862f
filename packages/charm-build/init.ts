import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { CharmError } from './errors.ts';
import { MODULE, PROJECT } from './package.ts';
import { contentOf, readTree, type Tree } from './tree.ts';

/** What `npm run check` of a new charm needs, by the versions that this package is made with. */
export const Compilers = z.object({ '@types/node': z.string(), typescript: z.string() });
const Package = z.object({ devDependencies: Compilers });

/** The name in all files of the skeleton, and of its modules. */
const PLACEHOLDER = 'my-charm';
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

/** What a new charm may have besides. Its files are in a folder of the skeleton of that name. */
export const PARTS = ['worker'] as const;
export type Part = (typeof PARTS)[number];

/** The files of a new charm by their path in it, `.gitignore` as npm keeps it and names as they stand. */
export async function skeletonFiles(parts: readonly Part[] = []): Promise<Tree> {
  const files: Tree = new Map();
  for (const [path, node] of await readTree(join(import.meta.dirname, 'skeleton'))) {
    const [, part, rest = ''] = /^with-([a-z]+)\/(.*)$/.exec(path) ?? [];
    if (part === undefined) files.set(path, node);
    else if (parts.some((wanted) => wanted === part)) files.set(rest, node);
  }
  return files;
}

/**
 * Makes a small charm in a new folder: handlers, a test, and this very package in vendor/, so that it is built with
 * what made it, wherever it goes.
 *
 * @returns the paths of its files
 * @throws CharmError when the name is not one that Juju takes, or the folder is there
 */
export async function initCharm(folder: string, name: string, parts: readonly Part[] = []): Promise<string[]> {
  if (!NAME.test(name))
    throw new CharmError(`${name}: a charm name is lower-case words joined by hyphens, such as my-site`);
  if (await exists(folder)) throw new CharmError(`${folder} is there already; a charm is made in a new folder`);
  const paths: string[] = [];
  for (const [path, node] of await skeletonFiles(parts)) {
    // npm leaves every .gitignore out of a package.
    const target = path.replace(/^gitignore$/, '.gitignore').replace(PLACEHOLDER, name);
    await mkdir(dirname(join(folder, target)), { recursive: true });
    await writeFile(
      join(folder, target),
      Buffer.from(await contentOf(node))
        .toString()
        .replaceAll(PLACEHOLDER, name),
    );
    paths.push(target);
  }
  await vendor(folder, name);
  return [...paths, 'package.json'];
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** A name on a registry may be somebody else's; a file in the charm is ours. */
async function vendor(folder: string, name: string): Promise<void> {
  const destination = join(folder, 'vendor');
  await mkdir(destination);
  const { stdout } = await execa('npm', ['pack', await installable(), '--silent', '--pack-destination', destination]);
  const tarball = stdout.trim().split('\n').at(-1) ?? '';
  const { devDependencies } = Package.parse(JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')));
  const description = {
    name,
    version: '1.0.0',
    private: true,
    type: 'module',
    scripts: {
      test: 'node --test',
      check: 'wsgi-charm check && tsc',
      build: 'wsgi-charm build',
      pack: 'wsgi-charm pack',
    },
    devDependencies: { ...devDependencies, 'layer-wsgi': `file:vendor/${tarball}` },
  };
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(description, undefined, 2)}\n`);
}

/** Folder of the compiled package: in the repository it is made first. */
async function installable(): Promise<string> {
  if (MODULE === '.js') return PROJECT;
  await execa('npm', ['run', '--silent', 'package'], { cwd: PROJECT });
  return join(PROJECT, 'dist/package');
}
