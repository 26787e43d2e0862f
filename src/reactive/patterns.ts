/** Names of the endpoints of a role and interface, for `{provides:http}` in a pattern. */
export type EndpointsOf = (role: string, iface: string) => readonly string[];

/**
 * Whether a name fits a pattern: `{a,b}` stands for alternatives, `{role:interface}` for the endpoints of that kind, `*`
 * for any run of characters, everything else for itself.
 */
export function fits(pattern: string, name: string, endpointsOf: EndpointsOf = () => []): boolean {
  return expand(pattern, endpointsOf).some((alternative) => matches(alternative, name));
}

function expand(pattern: string, endpointsOf: EndpointsOf): string[] {
  const open = pattern.indexOf('{');
  const close = pattern.indexOf('}', open);
  if (open < 0 || close < 0) return [pattern];
  const inside = pattern.slice(open + 1, close);
  const [role, iface] = inside.split(':');
  const choices = role !== undefined && iface !== undefined ? endpointsOf(role, iface) : inside.split(',');
  const rest = expand(pattern.slice(close + 1), endpointsOf);
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
