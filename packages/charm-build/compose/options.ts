import { join } from 'node:path';
import { Ajv } from 'ajv';
import { CharmError } from '../errors.ts';
import type { Layer } from './layer.ts';
import { isMapping, type Mapping } from './merge.ts';

/** Values of the options of every layer, by the layer's name. */
export type LayerOptions = Readonly<Record<string, Mapping>>;

/** Merges the options of layers: upper layers win, defaults fill the rest, and each layer's schema checks its own. */
export function layerOptions(layers: readonly Layer[]): LayerOptions {
  const mistakes: string[] = [];
  const said = new Map<string, Record<string, unknown>>(layers.map(({ name }) => [name, {}]));
  for (const layer of layers) {
    const file = join(layer.folder, 'layer.yaml');
    for (const [name, values] of Object.entries(layer.yaml.options)) {
      const known = said.get(name);
      if (known === undefined)
        mistakes.push(`${file}: options: layer:${name} is not among the layers; include it first`);
      else Object.assign(known, values);
    }
  }
  for (const layer of layers) mistakes.push(...check(layer, said.get(layer.name) ?? {}));
  if (mistakes.length > 0) throw new CharmError(mistakes.join('\n'));
  return Object.fromEntries([...said].filter(([, values]) => Object.keys(values).length > 0));
}

/** Fills in defaults, and returns a sentence for each value that the schema does not allow. */
function check(layer: Layer, values: Record<string, unknown>): string[] {
  const file = join(layer.folder, 'layer.yaml');
  // Draft 4, which charm build reads, lets annotations and unknown formats pass.
  const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false });
  const schema = { type: 'object', properties: layer.yaml.defines, additionalProperties: false };
  if (!ajv.validateSchema(schema)) return [`${file}: defines: is not a JSON schema: ${ajv.errorsText(ajv.errors)}`];
  const validate = ajv.compile(schema);
  if (validate(values)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const unknown =
      isMapping(params) && 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : '';
    return `options of layer:${layer.name}${instancePath.replaceAll('/', '.')}: ${message}${unknown}; they are: ${names(layer)}`;
  });
}

function names(layer: Layer): string {
  return Object.keys(layer.yaml.defines).join(', ') || 'none';
}
