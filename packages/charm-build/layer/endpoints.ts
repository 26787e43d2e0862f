/** The endpoints of the layer, as `charm build` and charms.reactive want them. */
import { z } from 'zod';
import type { Mapping } from '../compose/merge.ts';

const ROLES = ['provides', 'requires', 'peers'] as const;

const Endpoints = z.record(z.string(), z.looseObject({ interface: z.string() })).default({});
const Metadata = z.looseObject({ provides: Endpoints, requires: Endpoints, peers: Endpoints });

/** metadata.yaml: without descriptions of endpoints, which `charm proof` takes for mistakes, and without empty sections. */
export function layerMetadata(metadata: Mapping): Mapping {
  const words: Record<string, unknown> = { ...Metadata.parse(metadata) };
  for (const role of ROLES) {
    const endpoints = Object.entries(Metadata.parse(metadata)[role]);
    words[role] = Object.fromEntries(endpoints.map(([name, { description: _, ...rest }]) => [name, rest]));
  }
  return Object.fromEntries(
    Object.entries(words).filter(([, value]) => Object.keys(Object(value)).length > 0 || Array.isArray(value)),
  );
}

/** reactive/relations/INTERFACE/ROLE.py for each interface that the layer speaks: see src/bridge/python/interface.py. */
export function interfaceModules(metadata: Mapping): ReadonlyMap<string, string> {
  const spoken = Metadata.parse(metadata);
  const modules = ROLES.flatMap((role) =>
    Object.values(spoken[role]).map(({ interface: name }): [string, string] => [
      `reactive/relations/${name}/${role}.py`,
      `from charms.layer.wsgi.interface import implementation\n\nImplementation = implementation('${role}', '${name}')\n`,
    ]),
  );
  return new Map(modules);
}
