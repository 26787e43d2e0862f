import { decode, encode } from '@jridgewell/sourcemap-codec';

/** What a bundler says of a file: its sources, and which place in them each of its characters is from. */
export interface FileMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/**
 * The text of a source map that tells file and line of a source, and no more: without columns, names and the sources
 * themselves, which stay with their author. It is a seventh of the size.
 *
 * Source: ECMA-426, the source map format.
 */
export function lineMap({ sources, mappings }: FileMap): string {
  const lines = decode(mappings).map((segments) => {
    const kept: [number, number, number, number][] = [];
    for (const [column, source, line] of segments) {
      const last = kept.at(-1);
      if (source === undefined || line === undefined || (last?.[1] === source && last[2] === line)) continue;
      kept.push([column, source, line, 0]);
    }
    return kept;
  });
  return JSON.stringify({ version: 3, sources, names: [], mappings: encode(lines) });
}
