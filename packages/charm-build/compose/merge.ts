/** Merging what layers say of the same thing: mappings key by key, anything else the upper layer's. */

export type Mapping = { readonly [key: string]: unknown };

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `upper` over `lower`. An option that only sets a default keeps the lower layer's type and description. */
export function merge(lower: Mapping, upper: Mapping): Mapping {
  const merged: Record<string, unknown> = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    define(merged, key, isMapping(below) && isMapping(value) ? merge(below, value) : value);
  }
  return merged;
}

/** Without what is at the dotted path; undefined when nothing is there. */
export function without(data: Mapping, path: string): Mapping | undefined {
  const [key = '', ...rest] = path.split('.');
  if (!Object.hasOwn(data, key)) return undefined;
  const { [key]: found, ...others } = data;
  if (rest.length === 0) return others;
  const inner = isMapping(found) ? without(found, rest.join('.')) : undefined;
  return inner === undefined ? undefined : { ...data, [key]: inner };
}

/** A key such as `__proto__` is a key like any other. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
