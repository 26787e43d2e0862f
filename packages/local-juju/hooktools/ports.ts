/** open-port, close-port, opened-ports: pending until the hook ends well, refused at once where they conflict. */

import {
  boolFlag,
  checkEmpty,
  type Invocation,
  parseQuiet,
  parseWithFormat,
  print,
  stringFlag,
  ToolError,
} from './tool.ts';
import type { PortView, World } from './world.ts';

type Range = Omit<PortView, 'endpoint'>;

/** `80`, `80/tcp`, `8000-8010/udp`, `icmp`. @throws ToolError 2 */
export function parsePortRange(text: string): Range {
  if (text === 'icmp') return { protocol: 'icmp', from: -1, to: -1 };
  const [ports = '', protocol = 'tcp', ...more] = text.split('/');
  if (more.length > 0) throw new ToolError(2, `invalid port range ${JSON.stringify(text)}`);
  const bounds = ports.split('-');
  if (bounds.length > 2) throw new ToolError(2, `invalid port range ${JSON.stringify(ports)}`);
  const [from = 0, to = from] = bounds.map(parsePort);
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'icmp') {
    throw new ToolError(2, `invalid protocol ${JSON.stringify(protocol)}, expected "tcp", "udp", or "icmp"`);
  }
  if (from > to) throw new ToolError(2, `invalid port range ${from}-${to}/${protocol}`);
  if (from < 0 || to > 65535)
    throw new ToolError(2, `port range bounds must be between 0 and 65535, got ${from}-${to}`);
  return { protocol, from, to };
}

function parsePort(text: string): number {
  if (!/^[-+]?\d+$/.test(text)) {
    const quoted = JSON.stringify(text);
    throw new ToolError(2, `invalid port ${quoted}: strconv.Atoi: parsing ${quoted}: invalid syntax`);
  }
  return Number(text);
}

/** `80/tcp`, `8000-8010/udp`, `icmp` */
export function showRange(range: Range): string {
  if (range.protocol === 'icmp') return 'icmp';
  return `${range.from === range.to ? range.from : `${range.from}-${range.to}`}/${range.protocol}`;
}

/** By protocol (icmp, tcp, udp), then by number. */
function rangeOrder(a: Range, b: Range): number {
  return a.protocol === b.protocol ? a.from - b.from || a.to - b.to : a.protocol < b.protocol ? -1 : 1;
}

export function openPort(run: Invocation): void {
  const { range, endpoints } = portArguments(run);
  const { world } = run;
  const { pending } = run.context;
  const refuse = conflict(world, `cannot open ${showRange(range)}`);
  const isOpen = (port: PortView) => sameRange(port, range);
  for (const other of world.machinePorts) if (overlaps(other, range)) refuse(other, other.unit);
  for (const endpoint of endpoints) {
    const now = openNow(run);
    if (now.some((port) => isOpen(port) && port.endpoint === endpoint)) continue;
    const requested = pending.opened.find((port) => overlaps(port, range) && !isOpen(port));
    if (requested !== undefined) refuse(requested, world.unit, ' requested earlier');
    const committed = now.find((port) => overlaps(port, range) && !isOpen(port));
    if (committed !== undefined) refuse(committed, world.unit);
    remove(pending.closed, range, endpoint);
    if (!world.ports.some((port) => isOpen(port) && port.endpoint === endpoint)) {
      pending.opened.push({ ...range, endpoint });
    }
  }
}

export function closePort(run: Invocation): void {
  const { range, endpoints } = portArguments(run);
  const { pending } = run.context;
  const refuse = conflict(run.world, `cannot close ${showRange(range)}`);
  const partly = run.world.ports.find((port) => overlaps(port, range) && !sameRange(port, range));
  if (partly !== undefined) refuse(partly, run.world.unit);
  for (const endpoint of endpoints) {
    remove(pending.opened, range, endpoint);
    const open = run.world.ports.filter(
      (port) => sameRange(port, range) && (endpoint === '' || port.endpoint === endpoint),
    );
    for (const port of open) if (!includes(pending.closed, port)) pending.closed.push(port);
  }
}

function portArguments(run: Invocation): { readonly range: Range; readonly endpoints: readonly string[] } {
  const named = stringFlag();
  const [port, ...more] = parseQuiet(run, { endpoints: named.flag });
  if (port === undefined) throw new ToolError(2, 'no port or range specified');
  const range = parsePortRange(port.toLowerCase());
  checkEmpty(more);
  return { range, endpoints: named.value === '' ? [''] : named.value.split(',').map((name) => name.trim()) };
}

function conflict(world: World, what: string): (port: PortView, unit: string, when?: string) => never {
  return (port, unit, when = '') => {
    const whose = `${what} (unit "${world.unit}"): port range conflicts with`;
    throw new ToolError(1, `${whose} ${showRange(port)} (unit "${unit}")${when}`);
  };
}

function overlaps(a: Range, b: Range): boolean {
  return a.protocol === b.protocol && a.from <= b.to && b.from <= a.to;
}

function sameRange(a: Range, b: Range): boolean {
  return a.protocol === b.protocol && a.from === b.from && a.to === b.to;
}

function includes(ports: readonly PortView[], port: PortView): boolean {
  return ports.some((other) => sameRange(other, port) && other.endpoint === port.endpoint);
}

function remove(ports: PortView[], range: Range, endpoint: string): void {
  const kept = ports.filter((port) => !(sameRange(port, range) && (endpoint === '' || port.endpoint === endpoint)));
  ports.splice(0, ports.length, ...kept);
}

/** What is open once the hook has ended well. */
function openNow(run: Invocation): PortView[] {
  const { opened, closed } = run.context.pending;
  return [...run.world.ports.filter((port) => !includes(closed, port)), ...opened];
}

export function openedPorts(run: Invocation): void {
  const byEndpoint = boolFlag();
  const { rest, format } = parseWithFormat(run, { endpoints: byEndpoint.flag });
  checkEmpty(rest);
  const ports = openNow(run).sort(rangeOrder);
  const shown = [...new Set(ports.map(showRange))];
  const endpointsOf = (range: string) =>
    ports.filter((port) => showRange(port) === range).map((port) => (port.endpoint === '' ? '*' : port.endpoint));
  const withEndpoints = () => shown.map((range) => `${range} (${endpointsOf(range).sort().join(', ')})`);
  print(run, format, byEndpoint.on ? withEndpoints() : shown);
}
