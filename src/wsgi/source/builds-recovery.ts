/** The ledger of builds beside the units: a store that is torn must not change which build an operator chose. */
import * as z from 'zod/mini';
import { readFile, writeFile } from '../../system/files.ts';
import type { WsgiApi } from '../api.ts';
import { BUILDS_RECORD } from '../paths.ts';
import { Ledger, readLedger, writeLedger } from './ledger.ts';

const Kept = z.object({
  /** Another unit's may be left on a machine that it left in a hurry. */
  owner: z.string(),
  ledger: Ledger,
});

/** Called where a build has come to serve. */
export async function keepLedger(api: WsgiApi): Promise<void> {
  const kept = JSON.stringify({ owner: owner(api), ledger: readLedger(api.data) });
  await writeFile(api.machine, BUILDS_RECORD, `${kept}\n`, { mode: 0o644 });
}

/** Where the store knows of no build, takes what this unit kept. */
export async function recoverLedger(api: WsgiApi): Promise<void> {
  if (api.event.name === 'install' || readLedger(api.data).builds.length > 0) return;
  const kept = parse((await readFile(api.machine, BUILDS_RECORD)) ?? '');
  if (kept?.owner === owner(api)) writeLedger(api.data, kept.ledger);
}

function owner({ juju }: WsgiApi): string {
  return `${juju.unit.modelUuid} ${juju.unit.unit}`;
}

function parse(text: string): z.infer<typeof Kept> | undefined {
  try {
    return Kept.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
