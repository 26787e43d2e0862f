/** Where the application sends what it tells of itself. */
import * as tracing from '../../../relations/tracing.ts';
import { prefixed } from '../../../relations/variables.ts';
import { DISPENSABLE, giving, type Row } from '../row.ts';

export const OBSERVABILITY = {
  tracing: giving(
    {
      interface: 'tracing',
      charms: ['tempo-coordinator-k8s', 'grafana-agent', 'opentelemetry-collector'],
      gives: 'tracing',
      ask: () => ({ unit: {}, app: tracing.request }),
      fixed: 'nothing',
      publish: 'nothing',
      read: (relation, { unit }) => tracing.read(relation, unit.application),
      schema: tracing.schema,
      variables: prefixed('OTEL', tracing.variables),
      certificate: 'nothing',
      identity: 'nothing',
    },
    DISPENSABLE,
  ),
} satisfies Readonly<Record<string, Row>>;
