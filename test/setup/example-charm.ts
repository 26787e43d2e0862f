/** Charms of examples that are made from the layer, and what their services have been through. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory, readCharm } from '../../packages/charm-build/make.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { EXAMPLES } from './fixture-build.ts';

/** @returns the charm directory, as `wsgi-charm build` makes it */
export async function exampleCharm(name: string): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-example-')), name);
  const choices = { architecture: ownArchitecture(), runtime: 'bundled' } as const;
  await makeDirectory(await readCharm(join(EXAMPLES, name)), folder, choices);
  return folder;
}

/** How often systemd has started the application; trials have a unit of their own. */
export async function starts(model: LocalModel, unit: string): Promise<number> {
  const { results } = await model.unit(unit).exec('journalctl -q --no-pager -o cat -u gunicorn3.service');
  return String(results.stdout ?? '').match(/Starting gunicorn \d/g)?.length ?? 0;
}
