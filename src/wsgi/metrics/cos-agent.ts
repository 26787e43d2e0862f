/** What the agent on this machine is told by the relation cos-agent: where metrics are, alert rules, the dashboard. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '../../system/digest.ts';
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import type { WsgiApi } from '../api.ts';
import type { Related } from '../relations/databags.ts';
import { waiting } from '../status.ts';
import { alertRules, type Topology } from './alert-rules.ts';
import { dashboard } from './dashboard.ts';
import type { ExporterPorts } from './ports.ts';

const KEY = 'wsgi.cos-agent';

/**
 * Writes the databag where it is not what it should be. The dashboard is packed only then, which takes a process.
 *
 * @throws Problem where it cannot be packed
 */
export async function tellCosAgent(api: WsgiApi, related: readonly Related[], ports: ExporterPorts): Promise<void> {
  const { juju, data, machine } = api;
  const topology = topologyOf(api);
  const picture = dashboard(topology.charm);
  const config = {
    metrics_alert_rules: alertRules(topology),
    log_alert_rules: {},
    metrics_scrape_jobs: [
      {
        job_name: `${topology.application}_gunicorn`,
        metrics_path: '/metrics',
        static_configs: [{ targets: [`localhost:${ports.listen}`] }],
      },
    ],
    log_slots: [],
    tracing_protocols: null,
    subordinate: null,
  };
  const digest = digestOf([config, picture]);
  const untold = related.filter(({ id }) => juju.relationGet(id, juju.unit.unit).config === undefined);
  const stale = data.get(KEY) === digest ? untold : related;
  if (stale.length === 0) return;
  const told = JSON.stringify({ ...config, dashboards: [await packed(machine, JSON.stringify(picture))] });
  for (const { id } of stale) juju.relationSet(id, { config: told });
  data.set(KEY, digest);
}

function topologyOf({ juju: { unit }, charmDir }: WsgiApi): Topology {
  const metadata = readFileSync(join(charmDir, 'metadata.yaml'), 'utf8');
  const [, charm = unit.application] = /^["']?name["']?: *["']?([a-z0-9-]+)/m.exec(metadata) ?? [];
  return { model: unit.modelName, modelUuid: unit.modelUuid, application: unit.application, charm };
}

const PACK = 'import base64, lzma, sys; print(base64.b64encode(lzma.compress(sys.stdin.buffer.read())).decode())';
/** How what is packed by xz begins. Source: The .xz File Format, 2.1.1.1 "Header Magic Bytes" */
const PACKED = /^\/Td6WFoA[\w+/=]+$/;

/** Node has no xz, and Python has. */
async function packed(machine: Machine, text: string): Promise<string> {
  const { stdout, stderr } = await machine.run('python3', ['-I', '-c', PACK], { input: text, timeout: 60 });
  const said = stdout.trim();
  if (PACKED.test(said)) return said;
  return waiting(`cos-agent: python3 cannot pack the dashboard: ${lastLine(stderr || stdout)}; it is tried again`);
}
