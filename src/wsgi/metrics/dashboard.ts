/** The dashboard for Grafana. Source: grafana.com/docs/grafana/latest, "Dashboard JSON model" */
import { createHash } from 'node:crypto';

/** What is drawn, in order; three fit beside each other. */
const ROWS: readonly (readonly [string, readonly Panel[]])[] = [
  [
    'Requests',
    [
      {
        title: 'Requests a second',
        description: 'By the class of the answer.',
        unit: 'reqps',
        queries: [['sum by (class) (rate(gunicorn_request_status_total{SELECTOR}[$__rate_interval]))', '{{class}}']],
      },
      {
        title: 'Share of server errors',
        description: 'Answers of the class 5xx among all. An alert fires above 5 %.',
        unit: 'percentunit',
        queries: [
          [
            'sum by (juju_unit) (rate(gunicorn_request_status_total{class="5xx",SELECTOR}[$__rate_interval]))' +
              ' / sum by (juju_unit) (rate(gunicorn_requests_total{SELECTOR}[$__rate_interval]))',
            '{{juju_unit}}',
          ],
        ],
      },
      {
        title: 'Time to an answer',
        description: 'Half of the requests, nineteen in twenty, and all but one in a hundred take no longer.',
        unit: 's',
        queries: [quantile(0.5), quantile(0.95), quantile(0.99)],
      },
    ],
  ],
  [
    'Web server',
    [
      {
        title: 'Workers',
        description: 'Processes that answer.',
        unit: 'short',
        queries: [['wsgi_workers{SELECTOR}', '{{juju_unit}}']],
      },
      {
        title: 'Busy workers',
        description:
          'Seconds of work a second: as many workers have no rest. An alert for none of it; add workers, or units.',
        unit: 'short',
        queries: [
          [
            'sum by (juju_unit) (rate(gunicorn_request_duration_seconds_sum{SELECTOR}[$__rate_interval]))',
            '{{juju_unit}}',
          ],
        ],
      },
      {
        title: 'Warnings and errors logged',
        description: 'By gunicorn, a minute. A worker that takes too long is critical.',
        unit: 'short',
        queries: [['sum by (level) (rate(gunicorn_log_records_total{SELECTOR}[$__rate_interval])) * 60', '{{level}}']],
      },
    ],
  ],
  [
    'Units of systemd, and builds',
    [
      {
        title: 'Running',
        description: 'The web server, processes and timers; 0 is down.',
        unit: 'short',
        queries: [['wsgi_up{SELECTOR}', '{{juju_unit}} {{unit}}']],
      },
      {
        title: 'Restarts by systemd',
        description: 'In a quarter of an hour.',
        unit: 'short',
        queries: [['increase(wsgi_restarts_total{SELECTOR}[15m])', '{{juju_unit}} {{unit}}']],
      },
      {
        title: 'Units by build',
        description: 'How far a release has come.',
        unit: 'short',
        queries: [['count by (build) (wsgi_build_served_since_timestamp_seconds{SELECTOR})', '{{build}}']],
      },
    ],
  ],
];

interface Panel {
  readonly title: string;
  readonly description: string;
  /** Grafana's name of it. */
  readonly unit: string;
  /** Expression and legend; `SELECTOR` stands for the labels of what is chosen in the dashboard. */
  readonly queries: readonly (readonly [string, string])[];
}

function quantile(share: number): readonly [string, string] {
  const buckets = 'sum by (le) (rate(gunicorn_request_duration_seconds_bucket{SELECTOR}[$__rate_interval]))';
  return [`histogram_quantile(${share}, ${buckets})`, `${share * 100} %`];
}

/** What one chooses from, each among those that fit what is chosen before it. */
const CHOICES = ['juju_model', 'juju_model_uuid', 'juju_application', 'juju_unit'] as const;
const SELECTOR = CHOICES.map((label) => `${label}=~"$${label}"`).join(',');
/** Grafana's variable for the data source, by the name that Canonical's charms give it. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills it in.
const DATASOURCE = { type: 'prometheus', uid: '${prometheusds}' } as const;
const WIDTH = 8;
const HEIGHT = 8;

export type Dashboard = ReturnType<typeof dashboard>;

/** @param charm the name of the charm, which tells its dashboard from those of charms made from the same layer */
export function dashboard(charm: string) {
  const path = `${charm}-src/wsgi`;
  return {
    uid: createHash('shake256', { outputLength: 20 }).update(path).digest('hex'),
    title: `WSGI: ${charm}`,
    tags: [`charm: ${charm}`],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '1m',
    time: { from: 'now-3h', to: 'now' },
    annotations: { list: [builds()] },
    templating: { list: [datasource(), ...CHOICES.map(choice)] },
    panels: ROWS.flatMap(([title, panels], row) => {
      const y = row * (HEIGHT + 1);
      const id = row * 10 + 1;
      return [
        { id, type: 'row', title, collapsed: false, gridPos: { h: 1, w: 3 * WIDTH, x: 0, y }, panels: [] },
        ...panels.map((panel, column) =>
          timeseries(panel, id + 1 + column, { h: HEIGHT, w: WIDTH, x: column * WIDTH, y: y + 1 }),
        ),
      ];
    }),
  };
}

function timeseries(
  { title, description, unit, queries }: Panel,
  id: number,
  gridPos: Readonly<Record<string, number>>,
) {
  return {
    id,
    type: 'timeseries',
    title,
    description,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
    targets: queries.map(([expr, legendFormat], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr: expr.replaceAll('SELECTOR', SELECTOR),
      legendFormat,
    })),
  };
}

/** A line at each time at which a unit came to serve another build. */
function builds() {
  return {
    name: 'Builds',
    enable: true,
    iconColor: 'blue',
    datasource: DATASOURCE,
    expr: `wsgi_build_served_since_timestamp_seconds{${SELECTOR}} * 1000`,
    step: '60s',
    useValueForTime: 'on',
    titleFormat: '{{build}}',
    textFormat: '{{juju_unit}} serves {{build}}',
  };
}

function datasource() {
  return { name: 'prometheusds', type: 'datasource', label: 'Prometheus', query: 'prometheus', refresh: 1 };
}

function choice(name: string, index: number) {
  const before = CHOICES.slice(0, index).map((label) => `${label}=~"$${label}"`);
  return {
    name,
    type: 'query',
    label: name.replace('juju_', '').replace('_', ' '),
    datasource: DATASOURCE,
    query: `label_values(wsgi_release_halted{${before.join(',')}}, ${name})`,
    includeAll: true,
    multi: true,
    allValue: '.*',
    current: { text: 'All', value: '$__all', selected: true },
    refresh: 2,
    sort: 1,
  };
}
