/** Whom the application trusts. */
import * as certificateTransfer from '../../../relations/certificate-transfer.ts';
import { giving, type Row } from '../row.ts';

export const AUTHORITIES = {
  'receive-ca-certs': giving(
    {
      interface: 'certificate_transfer',
      charms: ['self-signed-certificates', 'manual-tls-certificates', 'vault'],
      gives: 'trusted',
      ask: () => ({ unit: {}, app: certificateTransfer.request }),
      fixed: 'nothing',
      publish: 'nothing',
      read: (relation, { certificateFile }) => certificateTransfer.read(relation, certificateFile),
      schema: certificateTransfer.schema,
      variables: {
        SSL_CERT_FILE: certificateTransfer.fileFor(
          'Path of the CA certificates that the machine trusts and of these, as the module ssl reads it.',
        ),
        REQUESTS_CA_BUNDLE: certificateTransfer.fileFor('The same path, as requests reads it.'),
        PIP_CERT: certificateTransfer.fileFor('The same path, as pip reads it.'),
        AWS_CA_BUNDLE: certificateTransfer.fileFor(
          'The same path, as boto3 reads it, where no object store gives a CA of its own.',
        ),
      },
      certificate: certificateTransfer.bundle,
      identity: 'nothing',
    },
    { counts: 'every' },
  ),
} satisfies Readonly<Record<string, Row>>;
