/**
 * The last usable answer of each relation. While a database changes hands its charm may say nothing, or half of it; a
 * running application goes on with what it has.
 */
import * as z from 'zod/mini';
import type { UsableDatabase } from '../../relations/variables.ts';
import type { PrivateRecord } from '../../system/private-record.ts';

const KEY = 'wsgi.ready';

const Endpoint = z.object({ host: z.string(), port: z.number() });
const Texts = z.record(z.string(), z.string());
const Database = z.object({
  connection: z.object({
    kind: z.enum(['postgresql', 'mongodb']),
    relation: z.string(),
    endpoints: z.tuple([Endpoint], Endpoint),
    readOnlyEndpoints: z.array(Endpoint),
    database: z.string(),
    credentials: z.optional(z.object({ user: z.string(), password: z.string() })),
    options: Texts,
    tls: z.optional(z.object({ ca: z.optional(z.string()) })),
  }),
  url: z.object({ href: z.string(), options: Texts }),
});
const Service = z.object({ relation: z.string(), url: z.string() });

const LastReady = z.object({
  postgresql: z.optional(Database),
  mongodb: z.optional(Database),
  webservice: z.optional(Service),
  managerService: z.optional(Service),
});

export interface LastReady {
  postgresql?: UsableDatabase;
  mongodb?: UsableDatabase;
  webservice?: { readonly relation: string; readonly url: string };
  managerService?: { readonly relation: string; readonly url: string };
}

export function readLastReady(keep: PrivateRecord): LastReady {
  const parsed = LastReady.safeParse(keep.get(KEY));
  // Through JSON once more: an absent field is then absent, and not there with the value undefined.
  return parsed.success ? JSON.parse(JSON.stringify(parsed.data)) : {};
}

export function writeLastReady(keep: PrivateRecord, ready: LastReady): void {
  keep.set(KEY, JSON.parse(JSON.stringify(ready)));
}

/** The relations that these answers came from. */
export function relationsOf(ready: LastReady): string[] {
  return [
    ready.postgresql?.connection.relation,
    ready.mongodb?.connection.relation,
    ready.webservice?.relation,
    ready.managerService?.relation,
  ].filter((id) => id !== undefined);
}
