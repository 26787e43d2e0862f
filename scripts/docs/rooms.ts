/** The rooms of src/ and what each imports, as a picture for CONTRIBUTING.md. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { instance } from '@viz-js/viz';
import { parseSync } from 'rolldown/utils';
import { PROJECT } from '../../packages/charm-build/package.ts';

/** Rooms that each room imports from, types included. */
export type Rooms = ReadonlyMap<string, ReadonlySet<string>>;

/** Files of src/wsgi that are rooms of their own: the look, from its trigger to its end. */
const FILES: Readonly<Record<string, string>> = { layer: 'layer', reconcile: 'reconcile', actions: 'actions, serve' };
const WORDS = 'api, paths, status';

/**
 * @param path below the repository: `src/wsgi/unit/gunicorn.ts`
 * @returns the folder, or what the file is for where it lies in none
 */
function roomOf(path: string): string {
  // What was last served is known to rooms that the comparison with it imports.
  if (path.startsWith('src/wsgi/memory/last-served')) return 'memory: last served';
  const [, house = '', folder = '', inner] = path.split('/');
  if (house !== 'wsgi') return house.endsWith('.ts') ? 'src/main, hook' : `src/${house}`;
  if (inner !== undefined) return folder;
  const name = folder.replace(/\.ts$/, '');
  return FILES[name === 'serve' ? 'actions' : name] ?? WORDS;
}

function readRooms(): Rooms {
  const rooms = new Map<string, Set<string>>();
  const paths = globSync('src/**/*.ts', { cwd: PROJECT, exclude: (path) => /\.(test|fixture|d)\.ts$/.test(path) });
  for (const path of paths.toSorted()) {
    // The program of the package is no part of the charm.
    if (path === 'src/cli.ts') continue;
    const from = roomOf(path);
    const to = rooms.get(from) ?? new Set();
    rooms.set(from, to);
    const text = readFileSync(join(PROJECT, path), 'utf8');
    const { module } = parseSync(path, text);
    const loaded = module.dynamicImports.map(({ moduleRequest: { start, end } }) => text.slice(start + 1, end - 1));
    for (const name of [...module.staticImports.map(({ moduleRequest }) => moduleRequest.value), ...loaded]) {
      const target = join(dirname(path), name);
      if (!target.startsWith('src/') || !target.endsWith('.ts')) continue;
      if (roomOf(target) !== from) to.add(roomOf(target));
    }
  }
  return rooms;
}

/** Without the arrows that follow from others, so that the order is seen. */
function withoutShortcuts(rooms: Rooms): Rooms {
  const reaches = (from: string, to: string, seen: Set<string>): boolean =>
    [...(rooms.get(from) ?? [])].some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return new Map(
    [...rooms].map(([from, targets]) => {
      const kept = [...targets].filter(
        (to) => ![...targets].some((other) => other !== to && reaches(other, to, new Set([from]))),
      );
      return [from, new Set(kept.toSorted())];
    }),
  );
}

/** Rooms of the charm in one frame; arrows point at what is imported. */
export async function roomsSvg(): Promise<string> {
  const rooms = withoutShortcuts(readRooms());
  const quoted = (text: string) => JSON.stringify(text);
  const names = [...rooms.keys()].toSorted();
  const graph = [
    'digraph {',
    'rankdir=TB; node [shape=box, style=filled, fillcolor="#fff7e0", margin="0.2,0.06", fontname="Helvetica,sans-serif", fontsize=11]',
    ...names.map((name) => `${quoted(name)}${name.startsWith('src/') ? ' [fillcolor="#e8f0fe"]' : ''}`),
    ...names.flatMap((from) => [...(rooms.get(from) ?? [])].map((to) => `${quoted(from)} -> ${quoted(to)}`)),
    '}',
  ].join('\n');
  const svg = (await instance()).renderString(graph, { format: 'svg' });
  return `${svg.slice(svg.indexOf('<svg')).trim()}\n`;
}
