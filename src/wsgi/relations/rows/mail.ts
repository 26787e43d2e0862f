/** Servers that take mail. */
import * as smtp from '../../../relations/smtp.ts';
import { prefixed } from '../../../relations/variables.ts';
import { giving, type Row } from '../row.ts';

export const MAIL = {
  smtp: giving({
    interface: 'smtp',
    charms: ['smtp-integrator'],
    gives: 'smtp',
    ask: 'nothing',
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation, { readSecret }) => smtp.read(relation, readSecret),
    schema: smtp.schema,
    variables: { EMAIL_URL: smtp.url, ...prefixed('SMTP', smtp.variables) },
    certificate: 'nothing',
    identity: 'nothing',
  }),
} satisfies Readonly<Record<string, Row>>;
