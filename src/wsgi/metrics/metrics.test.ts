/** The relation cos-agent: an exporter beside the application, and what the agent is told. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  type Outcome,
  relationBroken,
  relationCreated,
  run,
  type State,
  type StateInput,
  state,
} from '../../../packages/charm-testing/index.ts';

const AGENT = { id: 'cos-agent:7', remoteApp: 'opentelemetry-collector', remoteUnits: {} };
const MODEL = { name: 'prod', uuid: '5e4f1b8c-7a5e-4b0e-8a53-0c5b6b7f1d11' };
const EXPORTER = 'gunicorn3-exporter.service';
const UNIT_FILE = `/etc/systemd/system/${EXPORTER}`;
const FACTS = '/etc/gunicorn3/exporter.json';

let charm: Charm;
/** Serving, and nobody asks for metrics. */
let served: State;
let related: Outcome;

const relate = (world: State, more: StateInput = {}) =>
  run(charm, relationCreated(AGENT.id), state({ ...world, relations: [...world.relations, AGENT], ...more }));
const told = (world: State) =>
  JSON.parse(world.relations.find(({ id }) => id === AGENT.id)?.localUnitData.config ?? '{}');
const facts = (world: State) => JSON.parse(String(world.files[FACTS]));
const unitOf = (world: State) => String(world.files['/etc/systemd/system/gunicorn3.service']);
const ran = (world: Outcome, program: string) => world.ran.filter((one) => one.program === program);

beforeAll(async () => {
  charm = await loadCharm('.');
  served = await run(charm, 'install', state({ unit: 'shop/0', model: MODEL, config: { settle_time: 0 } }));
  related = await relate(served);
});

test('without the relation nothing of it is there', () => {
  expect(Object.keys(served.files).filter((path) => path.includes('exporter'))).toEqual([]);
  expect(unitOf(served)).not.toContain('statsd');
});

describe('while an agent is related', () => {
  test('the exporter runs, starts with the machine, and listens to this machine alone', () => {
    expect(related.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(related.services[EXPORTER]).toMatchObject({ active: true, enabled: true });
    const unit = String(related.files[UNIT_FILE]);
    expect(unit).toMatch(
      /^ExecStart=\S+\/opt\/gunicorn3\/exporter\/bin\/python -I \S+exporter\.py --statsd \d+ --listen \d+ /m,
    );
    for (const setting of [
      'User=gunicorn3-exporter',
      'IPAddressDeny=any',
      'IPAddressAllow=localhost',
      'ProtectSystem=strict',
    ]) {
      expect(unit.split('\n')).toContain(setting);
    }
  });

  test('gunicorn tells it of requests, and a trial does not', () => {
    const [, port] = /--statsd (\d+)/.exec(String(related.files[UNIT_FILE])) ?? [];
    expect(unitOf(related)).toContain(`--statsd-host 127.0.0.1:${port} `);
    expect(unitOf(related)).toContain('/gunicorn-text-statsd.conf.py');
  });

  test('the agent is told where metrics are, when to call somebody, and what to draw', () => {
    const [, port] = /--listen (\d+)/.exec(String(related.files[UNIT_FILE])) ?? [];
    const config = told(related);
    expect(config.metrics_scrape_jobs).toEqual([
      { job_name: 'shop_gunicorn', metrics_path: '/metrics', static_configs: [{ targets: [`localhost:${port}`] }] },
    ]);
    const [group] = config.metrics_alert_rules.groups;
    expect(group.name).toBe('prod_5e4f1b8c_shop_wsgi_rules');
    expect(group.rules[0]).toMatchObject({
      alert: 'WsgiDown',
      labels: { severity: 'critical', juju_model: 'prod', juju_application: 'shop', juju_charm: 'wsgi' },
      annotations: { runbook: 'Type: juju run {{ $labels.juju_unit }} doctor' },
    });
    expect(config).toMatchObject({ log_alert_rules: {}, log_slots: [] });
    const dashboard = JSON.parse(Buffer.from(config.dashboards[0].slice('/Td6WFoA'.length), 'base64').toString());
    expect(dashboard).toMatchObject({
      title: 'WSGI: wsgi',
      tags: ['charm: wsgi'],
      uid: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  test('the exporter knows the units and the build', () => {
    expect(facts(related)).toEqual({
      units: ['gunicorn3.service'],
      build: 'r1',
      since: expect.any(Number),
      halted: false,
    });
  });

  test('a hook without news does nothing, and a full look packs no dashboard again', async () => {
    const again = await run(charm, 'update-status', related);
    expect(again.ran).toEqual([]);
    const full = await run(charm, 'upgrade-charm', related);
    expect(told(full)).toEqual(told(related));
    expect(ran(full, 'python3').filter(({ args }) => args.join(' ').includes('lzma'))).toEqual([]);
    expect(ran(full, 'systemctl').filter(({ args }) => args.includes(EXPORTER) && args[0] === 'restart')).toEqual([]);
  });

  test('one that died is started again', async () => {
    const dead = { ...related, services: { ...related.services, [EXPORTER]: { active: false, enabled: true } } };
    const after = await run(charm, 'update-status', state(dead));
    expect(after.services[EXPORTER]).toMatchObject({ active: true });
    expect(after.services['gunicorn3.service']).toEqual(related.services['gunicorn3.service']);
  });

  test('one that does not start is a status, and the application serves', async () => {
    const services = {
      ...served.services,
      [EXPORTER]: { active: false, enabled: false, startFails: 'OSError: in use' },
    };
    const after = await relate(served, { services });
    expect(after.status).toEqual({
      status: 'waiting',
      message: `cos-agent: ${EXPORTER} does not start: OSError: in use; it is tried again`,
    });
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
    expect(told(after)).toEqual({});
  });

  test('names of the 12-factor charms are shown for what is installed', async () => {
    const [venv] = Object.keys(served.files).filter((path) => path.endsWith('/pyvenv.cfg') && path.includes('/venvs/'));
    const folder = String(venv).replace('/pyvenv.cfg', '/lib/python3.12/site-packages');
    const installed = { ...served.files, [`${folder}/Flask-3.1.0.dist-info/METADATA`]: 'Name: Flask\n' };
    expect(facts(await relate(served, { files: installed }))).toMatchObject({ framework: 'flask' });
  });

  test('a machine that refuses a sandbox has the exporter without', async () => {
    const after = await relate(served, { data: { ...served.data, 'wsgi.unsandboxed': true } });
    const unit = String(after.files[UNIT_FILE]).split('\n');
    expect(unit).toContain('User=gunicorn3-exporter');
    expect(unit).not.toContain('ProtectSystem=strict');
  });
});

describe('when the agent goes', () => {
  const expectGone = (world: State) => {
    expect(Object.keys(world.files).filter((path) => path.includes('exporter'))).toEqual([]);
    expect(world.services[EXPORTER]?.active ?? false).toBe(false);
  };

  test('all of it goes, and gunicorn counts no more', async () => {
    const after = await run(charm, relationBroken(AGENT.id), related);
    expectGone(after);
    expect(unitOf(after)).not.toContain('statsd');
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
  });

  test.each(['stop', 'remove'])('and so it does at %s', async (hook) => {
    expectGone(await run(charm, hook, related));
  });
});
