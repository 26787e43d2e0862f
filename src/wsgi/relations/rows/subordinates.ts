/** Charms beside the unit: monitoring, and another server for the application. */
import { type Row, telling } from '../row.ts';

export const SUBORDINATES = {
  // The files of Nagios and what these two are told belong together: publish/monitoring.ts.
  'nrpe-external-master': telling({
    interface: 'nrpe-external-master',
    charms: ['nrpe'],
    reads: 'databags',
    publish: 'nothing',
  }),
  verify: telling({ interface: 'nrpe-external-master', charms: ['nrpe'], reads: 'presence', publish: 'nothing' }),

  // What the agent is told is known once the exporter runs: metrics/cos-agent.ts.
  'cos-agent': telling({
    interface: 'cos_agent',
    charms: ['opentelemetry-collector', 'grafana-agent'],
    reads: 'presence',
    publish: 'nothing',
  }),

  // The subordinate is told once the application is made: publish/gunicorn-subordinate.ts.
  'wsgi-file': telling({ interface: 'wsgi', charms: ['gunicorn'], reads: 'presence', publish: 'nothing' }),
} satisfies Readonly<Record<string, Row>>;
