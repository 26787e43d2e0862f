import { SourceMap } from 'node:module';
import { encode } from '@jridgewell/sourcemap-codec';
import { expect, test } from 'vitest';
import { lineMap } from './line-map.ts';

const SOURCES = ['reactive/shop.ts', 'src/main.ts'];

test('every place of the file is of the source and line that it was of', () => {
  const mappings = encode([
    [
      [0, 0, 0, 4],
      [5, 0, 0, 9],
      [9, 0, 3, 2],
    ],
    [],
    [
      [2, 1, 7, 0],
      [6, 0, 7, 0],
      [8, 1, 7, 5],
    ],
  ]);
  const map = new SourceMap(JSON.parse(lineMap({ sources: SOURCES, mappings })));
  const place = (line: number, column: number) => {
    const found = map.findEntry(line, column);
    return 'originalSource' in found ? `${found.originalSource}:${found.originalLine + 1}` : undefined;
  };
  expect([place(0, 0), place(0, 7), place(0, 20)]).toEqual([
    'reactive/shop.ts:1',
    'reactive/shop.ts:1',
    'reactive/shop.ts:4',
  ]);
  expect([place(2, 3), place(2, 7), place(2, 9)]).toEqual(['src/main.ts:8', 'reactive/shop.ts:8', 'src/main.ts:8']);
});

test('columns, names and sources are left out', () => {
  const full = encode([Array.from({ length: 100 }, (_, column) => [column, 0, Math.floor(column / 50), column])]);
  const { sourcesContent, names, mappings } = JSON.parse(lineMap({ sources: SOURCES, mappings: full }));
  expect([sourcesContent, names, mappings]).toEqual([
    undefined,
    [],
    encode([
      [
        [0, 0, 0, 0],
        [50, 0, 1, 0],
      ],
    ]),
  ]);
});
