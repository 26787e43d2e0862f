/** Files of CA certificates that the application reads by path. */
import { existsSync, readFileSync } from 'node:fs';
import { ensureDirectory, writeFile } from '../../system/files.ts';
import type { WsgiApi } from '../api.ts';
import { CERTIFICATES } from '../paths.ts';
import type { Connections } from '../relations/connections.ts';
import { certificateFile } from '../relations/facts.ts';

/** What the machine trusts, as the package ca-certificates keeps it. */
const OF_MACHINE = '/etc/ssl/certs/ca-certificates.crt';

/** Certificates are no secret. What pip and the application are told to read must be there before either starts. */
export async function writeCertificates(
  { machine, juju }: WsgiApi,
  { certificates, trusted }: Pick<Connections, 'certificates' | 'trusted'>,
): Promise<void> {
  const files = new Map(certificates);
  if (trusted !== '') {
    const place = [machine.path(OF_MACHINE), OF_MACHINE].find((path) => existsSync(path));
    if (place === undefined) {
      juju.log(
        'WARNING',
        `${OF_MACHINE} is not there, so that only related certificates are trusted: apt install ca-certificates`,
      );
    }
    const ofMachine = place === undefined ? '' : readFileSync(place, 'utf8');
    files.set(certificateFile('trusted'), ofMachine.replace(/\n*$/, '\n') + trusted);
  }
  if (files.size > 0) await ensureDirectory(machine, CERTIFICATES, { mode: 0o755 });
  for (const [path, pem] of files) await writeFile(machine, path, pem, { mode: 0o644 });
}
