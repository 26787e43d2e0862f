/** What the rows of the table may know of this unit, asked of Juju only when a row wants it. */
import type { HookContext, RelationId } from '../../juju/types.ts';
import type { ReadSecret } from '../../relations/types.ts';
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';
import { CERTIFICATES } from '../paths.ts';
import type { OwnBags } from './asked.ts';
import type { Facts, GivingRow } from './row.ts';

/** Facts that are the same for all relations of one hook. */
export interface UnitFacts {
  readonly juju: HookContext;
  readonly options: Options;
  /** A machine path as the application sees it. */
  readonly seenPath: (path: string) => string;
}

export function unitFacts({ juju, machine }: WsgiApi, options: Options): UnitFacts {
  return { juju, options, seenPath: (path) => machine.path(path) };
}

/** @param gives the name of what the relation gives, after which the file of its certificate is called */
export function factsFor(
  { juju, options, seenPath }: UnitFacts,
  { endpoint, id, gives }: { readonly endpoint: string; readonly id: RelationId; readonly gives: string },
  given: Readonly<Record<string, string>>,
): Facts {
  return {
    unit: juju.unit,
    options,
    network: () => juju.network(endpoint, id),
    readSecret: secretReader(juju),
    certificateFile: seenPath(certificateFile(gives)),
    given,
  };
}

/** What this unit has written on a relation; not asked for where the row does not care. */
export function ownBagsFor(row: GivingRow, { juju }: UnitFacts, id: RelationId): OwnBags {
  if (row.fixed === 'nothing') return { unit: {}, app: undefined };
  const { unit, application } = juju.unit;
  return { unit: juju.relationGet(id, unit), app: juju.isLeader() ? juju.relationGet(id, application) : undefined };
}

/** Machine path of the file of CA certificates, or of what goes with it. */
export function certificateFile(gives: string, extension = 'pem'): string {
  return `${CERTIFICATES}/${gives}.${extension}`;
}

/** Juju has secrets since 3.0. */
function secretReader(juju: HookContext): ReadSecret | undefined {
  if (Number.parseInt(juju.unit.jujuVersion, 10) < 3) return undefined;
  return (uri) => juju.secret(uri, { refresh: true });
}
