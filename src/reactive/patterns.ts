/** Endpoints by `role:interface`, for `{provides:http}` in a pattern. Roles: provides, requires, peers (and peer). */
export type Interfaces = Readonly<Record<string, readonly string[]>>;

type Role = Readonly<Record<string, { readonly interface: string }>>;

/** The endpoints of a metadata.yaml by role and interface. */
export function interfacesOf(metadata: {
  readonly provides?: Role;
  readonly requires?: Role;
  readonly peers?: Role;
}): Interfaces {
  const { provides = {}, requires = {}, peers = {} } = metadata;
  const found: Record<string, string[]> = {};
  for (const [role, endpoints] of Object.entries({ provides, requires, peers, peer: peers })) {
    for (const [endpoint, { interface: name }] of Object.entries(endpoints)) {
      const key = `${role}:${name}`;
      found[key] = [...(found[key] ?? []), endpoint];
    }
  }
  return found;
}

/**
 * Whether a name fits a pattern: `{a,b}` stands for alternatives, `{role:interface}` for the endpoints of that kind, `*`
 * for any run of characters, everything else for itself.
 */
export function fits(pattern: string, name: string, interfaces: Interfaces = {}): boolean {
  return expand(pattern, interfaces).some((alternative) => matches(alternative, name));
}

function expand(pattern: string, interfaces: Interfaces): string[] {
  const open = pattern.indexOf('{');
  const close = pattern.indexOf('}', open);
  if (open < 0 || close < 0) return [pattern];
  const inside = pattern.slice(open + 1, close);
  const choices = inside.includes(':') ? (interfaces[inside] ?? []) : inside.split(',');
  const rest = expand(pattern.slice(close + 1), interfaces);
  return choices.flatMap((choice) => rest.map((tail) => pattern.slice(0, open) + choice + tail));
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  const [head = '', ...pieces] = pattern.split('*');
  const tail = pieces.pop() ?? '';
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false;
  let at = head.length;
  for (const piece of pieces) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - tail.length;
}
