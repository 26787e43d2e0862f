import { isMapping, type Mapping } from './merge.ts';

/** What a reader of metadata.yaml looks for first. */
const FIRST = ['name', 'display-name', 'summary', 'description', 'maintainers', 'tags'];
const ROLES = ['provides', 'requires', 'peers'];

/**
 * metadata.yaml as it is in a charm: it begins with what the charm is, and says only what it has. Descriptions of
 * endpoints are for readers of the source: Juju has no use for them, and `charm proof` takes them for mistakes.
 */
export function charmMetadata(metadata: Mapping): Mapping {
  const keys = [...FIRST, ...Object.keys(metadata).filter((key) => !FIRST.includes(key))];
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = ROLES.includes(key) ? withoutDescriptions(metadata[key]) : metadata[key];
      return isEmpty(value) ? [] : [[key, value]];
    }),
  );
}

function withoutDescriptions(endpoints: unknown): unknown {
  if (!isMapping(endpoints)) return endpoints;
  const plain = Object.entries(endpoints).map(([name, endpoint]) => {
    if (!isMapping(endpoint)) return [name, endpoint];
    const { description: _, ...rest } = endpoint;
    return [name, rest];
  });
  return Object.fromEntries(plain);
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}
