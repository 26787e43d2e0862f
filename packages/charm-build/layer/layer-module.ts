/** The code of the layer that charms are made from, as far as building needs it. The layer's folder has it in src/layer-module. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Handler } from '../../../src/reactive/index.ts';
import { MODULE, PROJECT } from '../package.ts';

/** What a builder looks at in a handler: it runs none. */
export type HandlerHead = Pick<Handler, 'name' | 'conditions'>;

const LayerModule = z.object({
  handlers: z.array(z.custom<HandlerHead>()).readonly(),
  /** Flags for handlers of authors, and what each says. */
  flags: z.record(z.string(), z.string()),
  /** A sentence for each mistake in wsgi.yaml. */
  wsgiYamlMistakes: z.custom<(data: unknown) => readonly string[]>((value) => typeof value === 'function'),
});

export type LayerModule = z.infer<typeof LayerModule>;

/** Loads it; Node keeps a module that it has loaded. */
export async function layerModule(): Promise<LayerModule> {
  return LayerModule.parse(await import(pathToFileURL(join(PROJECT, `src/layer-module${MODULE}`)).href));
}
