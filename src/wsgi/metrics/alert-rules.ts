/** Alert rules for Prometheus. Source: prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
import { SERVICE } from '../paths.ts';

/** Where an application is in Juju: every rule looks at its own application alone. */
export interface Topology {
  readonly model: string;
  readonly modelUuid: string;
  readonly application: string;
  readonly charm: string;
}

interface Rule {
  readonly alert: string;
  /** The expression; `SELECTOR` stands for the labels of the application, within braces. */
  readonly expr: string;
  /** For how long it has to be so, in Prometheus' own form. */
  readonly for: string;
  readonly severity: 'critical' | 'warning';
  /** One sentence; `UNIT` stands for the unit. */
  readonly summary: string;
  /** What to type first; `UNIT` and `APPLICATION` are filled in. */
  readonly runbook: string;
}

const RULES: readonly Rule[] = [
  {
    alert: 'WsgiDown',
    expr: `wsgi_up{unit="${SERVICE}",SELECTOR} < 1`,
    for: '1m',
    severity: 'critical',
    summary: 'The web server of UNIT is down.',
    runbook: 'juju run UNIT doctor',
  },
  {
    alert: 'WsgiMetricsMissing',
    expr: 'absent(wsgi_up{SELECTOR})',
    for: '5m',
    severity: 'warning',
    summary: 'No unit of APPLICATION says whether it serves.',
    runbook: 'juju exec --application APPLICATION "systemctl status gunicorn3-exporter.service"',
  },
  {
    alert: 'WsgiErrors',
    expr:
      'sum by (juju_unit) (rate(gunicorn_request_status_total{class="5xx",SELECTOR}[5m]))' +
      ' / sum by (juju_unit) (rate(gunicorn_requests_total{SELECTOR}[5m])) > 0.05',
    for: '5m',
    severity: 'critical',
    summary: 'UNIT answers {{ $value | humanizePercentage }} of its requests with a server error.',
    runbook: 'juju run UNIT doctor',
  },
  {
    alert: 'WsgiSlow',
    expr: 'histogram_quantile(0.95, sum by (juju_unit, le) (rate(gunicorn_request_duration_seconds_bucket{SELECTOR}[5m]))) > 2',
    for: '10m',
    severity: 'warning',
    summary: 'One request in twenty takes longer than {{ $value | humanizeDuration }} on UNIT.',
    runbook: 'juju run UNIT doctor',
  },
  {
    alert: 'WsgiRestarting',
    expr: 'increase(wsgi_restarts_total{SELECTOR}[15m]) > 2',
    for: '0m',
    severity: 'warning',
    summary: '{{ $labels.unit }} of UNIT dies and is started anew, again and again.',
    runbook: 'juju exec --unit UNIT "journalctl -u {{ $labels.unit }} -n 50"',
  },
  {
    alert: 'WsgiProcessDead',
    expr: 'wsgi_up{unit=~"wsgi-.+",SELECTOR} < 1',
    for: '2m',
    severity: 'critical',
    summary: 'The process {{ $labels.unit }} of UNIT does not run.',
    runbook: 'juju run UNIT list-processes',
  },
  {
    alert: 'WsgiReleaseHalted',
    expr: 'max by (juju_application) (wsgi_release_halted{SELECTOR}) > 0',
    for: '1m',
    severity: 'warning',
    summary: 'The release of APPLICATION is halted; the version before it serves.',
    runbook: 'juju status APPLICATION',
  },
];

/** As Prometheus reads it, and the databag of cos_agent has it. */
export interface AlertGroups {
  readonly groups: readonly {
    readonly name: string;
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly for: string;
      readonly labels: Readonly<Record<string, string>>;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

export function alertRules(topology: Topology): AlertGroups {
  const { model, modelUuid, application, charm } = topology;
  const selector = `juju_model="${model}",juju_model_uuid="${modelUuid}",juju_application="${application}"`;
  const labels = { juju_model: model, juju_model_uuid: modelUuid, juju_application: application, juju_charm: charm };
  const filled = (text: string) =>
    text.replaceAll('APPLICATION', application).replaceAll('UNIT', '{{ $labels.juju_unit }}');
  const name = `${model}_${modelUuid.slice(0, 8)}_${application}_wsgi_rules`;
  return {
    groups: [
      {
        name: name.replace(/[^A-Za-z0-9_:]/g, '_'),
        rules: RULES.map(({ alert, expr, for: time, severity, summary, runbook }) => ({
          alert,
          expr: expr.replaceAll('SELECTOR', selector),
          for: time,
          labels: { severity, ...labels },
          annotations: { summary: filled(summary), runbook: `Type: ${filled(runbook)}` },
        })),
      },
    ],
  };
}
