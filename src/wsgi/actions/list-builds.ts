import type { WsgiApi } from '../api.ts';
import { readLedger } from '../source/ledger.ts';

/** Which builds are installed, and which of them is served. */
export function listBuilds({ juju, data }: WsgiApi): boolean {
  const ledger = readLedger(data);
  const served = ledger.served.at(-1);
  const lines = ledger.builds.map(({ label, folder, origin, content }) => {
    const marks = [folder === served ? 'current' : '', folder === ledger.latest ? 'latest' : ''].filter(
      (mark) => mark !== '',
    );
    return `${label}\t${folder}\t${origin}\t${content.slice(0, 12)}\t${marks.join(', ')}`;
  });
  juju.actionResult({
    builds: lines.join('\n'),
    current: ledger.builds.find(({ folder }) => folder === served)?.label ?? '',
    latest: ledger.builds.find(({ folder }) => folder === ledger.latest)?.label ?? '',
    ...(ledger.override === undefined ? {} : { override: ledger.override.label }),
  });
  return false;
}
