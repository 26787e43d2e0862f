import { describe } from './explain.ts';
import type { TraceEntry } from './trace.ts';
import type { Condition, Flag, Handler, HandlerApi, Trigger } from './types.ts';

/** A flag, or a handler with its conditions that are no flags. */
export interface DiagramNode {
  readonly kind: 'flag' | 'handler';
  readonly name: string;
  readonly notes: readonly string[];
}

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
  const known = new Set(handlers.map(({ name }) => name));
  const flags = new Set(edges.flatMap(({ from, to }) => [from, to]).filter((name) => !known.has(name)));
  const flagNodes = [...flags].sort().map((name): DiagramNode => ({ kind: 'flag', name, notes: [] }));
  return { nodes: [...flagNodes, ...handlerNodes], edges };
}

/** The diagram as Mermaid text: flags are rounded, handlers square, what clears or forbids is dotted. */
export function toMermaid({ nodes, edges }: Diagram): string {
  const ids = new Map(nodes.map(({ name }, index) => [name, `n${index}`]));
  const shapes = nodes.map(({ kind, name, notes }) => {
    const text = [name, ...notes].join('<br>').replaceAll('"', '#quot;');
    return `  ${ids.get(name)}${kind === 'flag' ? `(["${text}"])` : `["${text}"]`}`;
  });
  const arrows = edges.map(({ from, to, kind }) => {
    const dotted = ['whenNot', 'whenNotAll', 'clears', 'trigger clears'].includes(kind);
    return `  ${ids.get(from)} ${dotted ? '-.->' : '-->'}|${kind}| ${ids.get(to)}`;
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
