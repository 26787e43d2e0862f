import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CharmError } from '../errors.ts';
import { type Layer, readLayer } from './layer.ts';

/** The layer that this package is. */
export const BASE = 'wsgi';

const PREFIX = 'layer:';

/**
 * All layers of a charm, each once and after those that it includes; the charm's own is the last.
 *
 * @param folders where included layers are looked for, each in a folder of its name; the charm's own layers/ comes first
 * @throws CharmError when a layer is not there, or includes itself by way of another
 */
export async function layersOf(charm: string, base: Layer, folders: readonly string[]): Promise<Layer[]> {
  const places = [join(charm, 'layers'), ...folders];
  const found = new Map<string, Layer>([[BASE, base]]);

  async function add(layer: Layer, via: readonly string[]): Promise<void> {
    for (const include of layer.yaml.includes) {
      const name = nameOf(include, layer);
      if (via.includes(name)) throw new CharmError(`layer:${name} includes itself: ${[...via, name].join(' > ')}`);
      if (!found.has(name)) await add(await readLayer(name, await find(name, places, layer)), [...via, name]);
    }
    found.set(layer.name, layer);
  }

  const top = await readLayer('.', charm);
  await add(top, []);
  const layers = [...found.values()];
  if (!layers.some(({ yaml }) => yaml.includes.includes(`${PREFIX}${BASE}`))) {
    throw new CharmError(
      `${join(charm, 'layer.yaml')}: includes: has to name layer:wsgi, as in includes: ['layer:wsgi']`,
    );
  }
  return layers;
}

function nameOf(include: string, layer: Layer): string {
  if (include.startsWith(PREFIX)) return include.slice(PREFIX.length);
  const file = join(layer.folder, 'layer.yaml');
  if (include.startsWith('interface:')) {
    throw new CharmError(
      `${file}: includes: ${include} is a Python library; TypeScript imports it from layer-wsgi/relations`,
    );
  }
  throw new CharmError(`${file}: includes: ${include} is not a layer; layers are written layer:NAME`);
}

async function find(name: string, places: readonly string[], layer: Layer): Promise<string> {
  for (const place of places) {
    const folder = join(place, name);
    if (await isFolder(folder)) return folder;
  }
  throw new CharmError(
    `${join(layer.folder, 'layer.yaml')}: includes: layer:${name} is in none of ${places.join(', ')}; name its parent folder with --layers`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
