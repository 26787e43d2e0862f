/** The ledger of builds beside the units: a store that is torn must not change which build an operator chose. */
import { readFile, writeFile } from '../system/files.ts';
import type { WsgiApi } from './api.ts';
import { parseLedger, readLedger, writeLedger } from './builds-ledger.ts';
import { BUILDS_RECORD } from './places.ts';

/** Called where a build has come to serve. */
export async function keepLedger({ machine, data }: WsgiApi): Promise<void> {
  await writeFile(machine, BUILDS_RECORD, `${JSON.stringify(readLedger(data))}\n`, { mode: 0o644 });
}

/** Where the store knows of no build, takes what was kept. */
export async function recoverLedger({ machine, data }: WsgiApi): Promise<void> {
  if (readLedger(data).builds.length > 0) return;
  const text = await readFile(machine, BUILDS_RECORD);
  const kept = text === undefined ? undefined : parseLedger(text);
  if (kept !== undefined) writeLedger(data, kept);
}
