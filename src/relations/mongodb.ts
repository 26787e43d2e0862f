/** The `mongodb` interface, as requirer: every unit says where it is, and which replica set it belongs to. */
import type { Databag } from '../juju/types.ts';
import { exact, overlay, saidAnything, theirName, unitsByAge, value } from './databag.ts';
import { type Endpoint, readEndpoint, sorted } from './endpoint.ts';
import {
  type Answer,
  type DatabaseConnection,
  type Relation,
  type Request,
  type RequestedDatabase,
  refused,
  waiting,
} from './types.ts';

/** The interface has nothing to ask with: any client may use any database. */
export const request: Request = { unit: {}, app: {} };

/** Reads one connection to all units of a replica set, or to the oldest of several units that form none. */
export function read(relation: Relation, wanted: RequestedDatabase): Answer<DatabaseConnection> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const servers = members(relation);
  const found = servers.map((bag) => ({ bag, read: readEndpoint(hostOf(bag) ?? '', value(bag, 'port')) }));
  const usable = found.flatMap(({ bag, read: { ...at } }) =>
    'endpoint' in at ? [{ bag, endpoint: at.endpoint }] : [],
  );
  const [oldest] = usable;
  if (oldest === undefined) {
    const bad = found.find(({ bag, read: at }) => hostOf(bag) && value(bag, 'port') && 'whyNot' in at)?.read;
    if (bad !== undefined && 'whyNot' in bad) return refused(`${them} gave ${bad.whyNot}`);
    return waiting(`${them} has not given a host and a port yet`);
  }
  // Older charms publish a name for the set always, and start the server without one while it is alone.
  const isAlone = Object.keys(relation.units).length <= 1;
  const replicaSet = isAlone
    ? undefined
    : usable.map(({ bag }) => value(bag, 'replset')).find((name) => name !== undefined);
  const [first = oldest.endpoint, ...others] =
    replicaSet === undefined
      ? [oldest.endpoint]
      : sorted(usable.filter(({ bag }) => value(bag, 'replset') === replicaSet).map(({ endpoint }) => endpoint));
  const endpoints: readonly [Endpoint, ...Endpoint[]] = [first, ...others];
  const user = exact(oldest.bag, 'username');
  const password = exact(oldest.bag, 'password');
  return {
    kind: 'ready',
    connection: {
      kind: 'mongodb',
      relation: relation.id,
      endpoints,
      readOnlyEndpoints: [],
      database: wanted.database,
      credentials: user !== undefined && password !== undefined ? { user, password } : undefined,
      options: replicaSet === undefined ? {} : { replicaSet },
    },
  };
}

/** The units that hold data, the oldest first. `type` is otherwise `configsvr` or `arbiter`. */
function members(relation: Relation): Databag[] {
  const units = unitsByAge(relation).map(([, bag]) => overlay(bag, relation.app));
  return (units.length === 0 ? [relation.app] : units).filter(
    (bag) => (value(bag, 'type') ?? 'database') === 'database',
  );
}

/** Half-written data has no host; Juju's own `private-address` would then be one with a guessed port. */
const hostOf = (bag: Databag): string | undefined => value(bag, 'hostname');
