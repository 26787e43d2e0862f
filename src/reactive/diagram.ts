import { describe } from './explain.ts';
import type { TraceEntry } from './trace.ts';
import type { Condition, Flag, Handler, HandlerApi, Trigger } from './types.ts';

/** A flag, or a handler with its conditions that are no flags. */
export interface DiagramNode {
  readonly kind: 'flag' | 'handler';
  readonly name: string;
  readonly notes: readonly string[];
}

/** One end of an edge: which node it is. */
export type DiagramEnd = Pick<DiagramNode, 'kind' | 'name'>;

/** From a flag to the handler that looks at it, from a handler to a flag that it was seen to change, or a trigger. */
export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'when' | 'whenAny' | 'whenNot' | 'whenNotAll' | 'sets' | 'clears' | 'trigger sets' | 'trigger clears';
}

export interface Diagram {
  readonly nodes: readonly DiagramNode[];
  readonly edges: readonly DiagramEdge[];
}

/** How flags and handlers of a charm hang together; what handlers do to flags is known from the traces of hooks. */
export function diagramOf<Api extends HandlerApi>(
  handlers: readonly Handler<Api>[],
  triggers: readonly Trigger[] = [],
  seen: readonly TraceEntry[] = [],
): Diagram {
  const edges = unique([
    ...handlers.flatMap(({ name, conditions }) => conditions.flatMap((condition) => conditionEdges(name, condition))),
    ...triggers.flatMap(triggerEdges),
    ...seen.flatMap((entry): DiagramEdge[] =>
      entry.what === 'flag' && entry.by !== undefined
        ? [{ from: entry.by, to: entry.flag, kind: entry.set ? 'sets' : 'clears' }]
        : [],
    ),
  ]);
  const handlerNodes = handlers.map(({ name, conditions }): DiagramNode => {
    const notes = conditions.filter((condition) => conditionEdges(name, condition).length === 0).map(describe);
    return { kind: 'handler', name, notes };
  });
  const flags = new Set(
    edges.flatMap((edge) => endsOf(edge).flatMap(({ kind, name }) => (kind === 'flag' ? [name] : []))),
  );
  const flagNodes = [...flags].sort().map((name): DiagramNode => ({ kind: 'flag', name, notes: [] }));
  return { nodes: [...flagNodes, ...handlerNodes], edges };
}

/** What an edge joins: a flag and a handler may well have one name. */
export function endsOf({ from, to, kind }: DiagramEdge): readonly [from: DiagramEnd, to: DiagramEnd] {
  const byHandler = kind === 'sets' || kind === 'clears';
  const toFlag = byHandler || kind === 'trigger sets' || kind === 'trigger clears';
  return [
    { kind: byHandler ? 'handler' : 'flag', name: from },
    { kind: toFlag ? 'flag' : 'handler', name: to },
  ];
}

/** The diagram as Mermaid text: flags are rounded, handlers square, what clears or forbids is dotted. */
export function toMermaid({ nodes, edges }: Diagram): string {
  const key = ({ kind, name }: DiagramEnd) => `${kind} ${name}`;
  const ids = new Map(nodes.map((node, index) => [key(node), `n${index}`]));
  const shapes = nodes.map((node) => {
    const { kind, name, notes } = node;
    const text = [name, ...notes].join('<br>').replaceAll('"', '#quot;');
    return `  ${ids.get(key(node))}${kind === 'flag' ? `(["${text}"])` : `["${text}"]`}`;
  });
  const arrows = edges.map((edge) => {
    const { kind } = edge;
    const [from, to] = endsOf(edge).map((end) => ids.get(key(end)));
    const dotted = ['whenNot', 'whenNotAll', 'clears', 'trigger clears'].includes(kind);
    return `  ${from} ${dotted ? '-.->' : '-->'}|${kind}| ${to}`;
  });
  return ['flowchart LR', ...shapes, ...arrows].join('\n');
}

function conditionEdges(handler: string, condition: Condition): DiagramEdge[] {
  if (!('flags' in condition) || condition.kind === 'notUnless') return [];
  const { kind } = condition;
  return condition.flags.map((flag: Flag) => ({ from: flag, to: handler, kind }));
}

function triggerEdges({ when, whenNot, setFlag, clearFlag }: Trigger): DiagramEdge[] {
  const from = when ?? whenNot ?? '';
  return [
    ...(setFlag === undefined ? [] : [{ from, to: setFlag, kind: 'trigger sets' } as const]),
    ...(clearFlag === undefined ? [] : [{ from, to: clearFlag, kind: 'trigger clears' } as const]),
  ];
}

function unique(edges: readonly DiagramEdge[]): DiagramEdge[] {
  return [...new Map(edges.map((edge) => [`${edge.from}\n${edge.kind}\n${edge.to}`, edge])).values()];
}
