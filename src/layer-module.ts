/** What the builder of charms asks this layer for: it finds this module in the folder of the layer that charms are made from. */
import { parseWsgiYaml } from './wsgi/config/wsgi-yaml.ts';
import { LAYER_FLAGS, layerHandlers } from './wsgi/layer.ts';

/** The handlers that every charm of this layer has. */
export const handlers = layerHandlers;

/** Flags for handlers of authors, and what each says. */
export const flags = LAYER_FLAGS;

/** A sentence for each mistake in wsgi.yaml. */
export function wsgiYamlMistakes(data: unknown): readonly string[] {
  const result = parseWsgiYaml(data);
  return result.ok ? [] : result.problems;
}
