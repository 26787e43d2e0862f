/**
 * Hook tools, and so processes, that a relation hook starts, by the number of units at the other side: readers of the
 * website, and units of a database.
 */

import {
  loadCharm,
  relationChanged,
  relationCreated,
  relationJoined,
  run,
  type State,
  state,
} from '../packages/charm-testing/index.ts';
import type { Databag } from '../src/juju/types.ts';
import { table } from './support/report.ts';

export const SIZES = [1, 10, 100, 200] as const;

/** What the unit of a number writes. */
type BagOf = (unit: number) => Databag;

const ENDPOINTS: Readonly<Record<string, BagOf>> = {
  website: (unit) => ({ 'private-address': `10.0.${unit >> 8}.${unit & 255}` }),
  postgres: (unit): Databag =>
    unit === 0
      ? { master: 'host=10.1.0.1 port=5432 dbname=wsgi user=u password=p', 'allowed-units': 'wsgi/0' }
      : { state: 'hot standby', host: `10.1.${unit >> 8}.${unit & 255}`, port: '5432' },
};

export interface RelationTools {
  readonly endpoint: string;
  /** Units at the other side. */
  readonly units: number;
  /** The first hook that sees all of them. */
  readonly first: number;
  /** One more unit joins. */
  readonly joined: number;
  /** One unit writes something. */
  readonly changed: number;
}

export async function measureRelations(sizes: readonly number[] = SIZES): Promise<RelationTools[]> {
  const charm = await loadCharm('.');
  const served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 } }));
  const measured: RelationTools[] = [];
  for (const [endpoint, bagOf] of Object.entries(ENDPOINTS)) {
    for (const units of sizes) {
      const id = `${endpoint}:1`;
      const related = (world: State, count: number, more: Databag = {}): State => {
        const bags = Array.from({ length: count }, (_, unit): [string, Databag] => [`remote/${unit}`, bagOf(unit)]);
        if (count > 0) bags[0] = ['remote/0', { ...bagOf(0), ...more }];
        const own = world.relations.find((relation) => relation.id === id);
        return state({
          ...world,
          relations: [{ ...own, id, remoteApp: 'remote', remoteUnits: Object.fromEntries(bags) }],
        });
      };
      const news = { unheard: 'of' };
      const created = await run(charm, relationCreated(id), related(served, 0));
      const first = await run(charm, relationJoined(id, 'remote/0'), related(created, units));
      const changed = await run(charm, relationChanged(id, 'remote/0'), related(first, units, news));
      const joined = await run(charm, relationJoined(id, `remote/${units}`), related(changed, units + 1, news));
      measured.push({
        endpoint,
        units,
        first: first.tools.length,
        joined: joined.tools.length,
        changed: changed.tools.length,
      });
    }
  }
  return measured;
}

export async function report(): Promise<string> {
  const rows = (await measureRelations()).map(({ endpoint, units, first, joined, changed }) => [
    endpoint,
    units,
    first,
    joined,
    changed,
  ]);
  return [
    '## Hook tools of a relation hook',
    table(['endpoint', 'units', 'first hook', 'one more joins', 'one changes'], rows),
    'Only the first hook that sees them asks for all units; later ones ask for the unit that their event names.',
  ].join('\n\n');
}

if (import.meta.main) console.log(await report());
