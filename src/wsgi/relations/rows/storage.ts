/** Object stores. */
import * as s3 from '../../../relations/s3.ts';
import { prefixed } from '../../../relations/variables.ts';
import { giving, type Row } from '../row.ts';

export const STORAGE = {
  s3: giving({
    interface: 's3',
    charms: ['s3-integrator', 'minio', 'ceph-radosgw'],
    gives: 's3',
    ask: ({ unit, readSecret }) => s3.request(unit.application, readSecret !== undefined),
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation, { readSecret, certificateFile }) => s3.read(relation, readSecret, certificateFile),
    schema: s3.schema,
    variables: { ...prefixed('S3', s3.variables), ...prefixed('AWS', s3.awsVariables) },
    certificate: s3.certificate,
    identity: ({ bucket }) => `s3/${bucket}`,
  }),
} satisfies Readonly<Record<string, Row>>;
