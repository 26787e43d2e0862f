/** Charms made by `charm build` itself, with the layers that it needs from a checkout on this machine. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { makeLayer } from '../../packages/charm-build/make.ts';
import { cacheFolder, ownArchitecture } from '../../packages/charm-build/runtime.ts';

/** setuptools 81 no longer has pkg_resources, which charm-tools imports. */
const REQUIREMENTS = ['charm-tools==3.0.9', 'setuptools<81'];

/** Names the folder with layers/basic, layers/options and interfaces/http of juju-solutions' repositories. */
export const CHECKOUT = 'CHARM_LAYERS_CHECKOUT';

/** Why `charm build` cannot run here; undefined where it can. */
export function whyNoCharmBuild(): string | undefined {
  const checkout = process.env[CHECKOUT];
  if (checkout === undefined || checkout === '') {
    return `${CHECKOUT} names no folder with layers/basic, layers/options and interfaces/http`;
  }
  const missing = ['layers/basic', 'layers/options', 'interfaces/http'].filter(
    (path) => !existsSync(join(checkout, path)),
  );
  return missing.length === 0 ? undefined : `${checkout} has no ${missing.join(', ')}`;
}

export interface CharmBuild {
  /** The charm directory; there where it succeeded. */
  readonly charm: string;
  readonly failed: boolean;
  /** All that was printed. */
  readonly output: string;
}

/** Runs `charm-build` on a charm's sources. @param layer whether layer:wsgi is where it looks for layers */
export async function charmBuild(sources: string, name: string, layer = true): Promise<CharmBuild> {
  const checkout = process.env[CHECKOUT] ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-charm-build-'));
  await mkdir(join(folder, 'layers'));
  for (const each of ['basic', 'options']) await symlink(join(checkout, 'layers', each), join(folder, 'layers', each));
  if (layer) await makeLayer(join(folder, 'layers/wsgi'), { architecture: ownArchitecture(), runtime: 'bundled' });
  const bin = await programs();
  const result = await execa('charm-build', ['--charm-file', sources], {
    env: {
      PATH: `${bin}:${process.env.PATH}`,
      CHARM_LAYERS_DIR: join(folder, 'layers'),
      CHARM_INTERFACES_DIR: join(checkout, 'interfaces'),
      CHARM_BUILD_DIR: join(folder, 'built'),
    },
    all: true,
    reject: false,
  });
  return { charm: join(folder, 'built', name), failed: result.failed, output: result.all };
}

/** Folder with charm-build and the programs that it runs; installed where it stays, for their first lines name it. */
async function programs(): Promise<string> {
  const { stdout: version } = await execa('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  const environment = join(cacheFolder(), `charm-tools-3.0.9-python-${version}`);
  const whole = join(environment, 'whole');
  if (!existsSync(whole)) {
    await rm(environment, { recursive: true, force: true });
    await execa('python3', ['-m', 'venv', environment]);
    await execa(join(environment, 'bin/python'), ['-m', 'pip', 'install', '--quiet', ...REQUIREMENTS]);
    await writeFile(whole, '');
  }
  return join(environment, 'bin');
}
