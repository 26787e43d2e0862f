import { instance } from '@viz-js/viz';
import { type Diagram, type DiagramEdge, type DiagramEnd, endsOf } from '../../src/reactive/diagram.ts';

const FAINT: ReadonlySet<DiagramEdge['kind']> = new Set(['whenNot', 'whenNotAll', 'clears', 'trigger clears']);

/** Draws a diagram of flags and handlers: flags are rounded, handlers square, what clears or forbids is dashed. */
export async function toSvg({ nodes, edges }: Diagram): Promise<string> {
  const viz = await instance();
  const quoted = (text: string) => JSON.stringify(text);
  const id = ({ kind, name }: DiagramEnd) => quoted(`${kind} ${name}`);
  const shapes = nodes.map((node) => {
    const { kind, name, notes } = node;
    const label = [name, ...notes].join('\n');
    const look = kind === 'flag' ? 'style="rounded,filled", fillcolor="#e8f0fe"' : 'style=filled, fillcolor="#fff7e0"';
    return `${id(node)} [label=${quoted(label)}, ${look}]`;
  });
  const arrows = edges.map((edge) => {
    const { kind } = edge;
    const [from, to] = endsOf(edge);
    return `${id(from)} -> ${id(to)} [label=${quoted(kind)}${FAINT.has(kind) ? ', style=dashed' : ''}]`;
  });
  const graph = [
    'digraph {',
    'rankdir=LR; node [shape=box, margin="0.25,0.08", fontname="Helvetica,sans-serif", fontsize=11]; edge [fontname="Helvetica,sans-serif", fontsize=9]',
    ...shapes,
    ...arrows,
    '}',
  ].join('\n');
  const svg = viz.renderString(graph, { format: 'svg' });
  return `${svg.slice(svg.indexOf('<svg')).trim()}\n`;
}
