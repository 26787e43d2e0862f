/** Metrics of a served application: the real exporter, the real gunicorn, and Debian's Prometheus. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { alertRules } from '../../src/wsgi/metrics/alert-rules.ts';
import { freePort } from '../../src/wsgi/service/state.ts';
import { PROMETHEUS, whyNotInstalled } from '../servers/debian.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { answering, archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const withoutPrometheus = await whyNotInstalled(PROMETHEUS);

const BUILD = {
  BUILD_LABEL: 'one',
  'wsgi.py': answering(
    "'fine'",
    [
      'import socket, time',
      'def failing(start_response):',
      "    start_response('503 Service Unavailable', [])",
      "    return [b'no']",
    ].join('\n'),
  ).replace(
    '    body =',
    [
      "    if environ['PATH_INFO'] == '/fail': return failing(start_response)",
      "    if environ['PATH_INFO'] == '/own':",
      "        to = ('127.0.0.1', int(environ['QUERY_STRING']))",
      "        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'shop.orders:3|c', to)",
      '    body =',
    ].join('\n'),
  ),
  Procfile: 'worker: sleep 1000\n',
};

let model: LocalModel & AsyncDisposable;
let folder: string;

beforeAll(async () => {
  model = await newModel();
  folder = await mkdtemp(join(tmpdir(), 'cos-agent-'));
  await model.together(async () => {
    await deployWsgi(
      model,
      { log_format: 'json', access_log: 'true' },
      { resources: { build: await archiveOf(BUILD) } },
    );
    await model.deploy(join(EXAMPLES, 'cos-collector'), { application: 'collector' });
  });
  await model.integrate('wsgi:cos-agent', 'collector:cos-agent');
});
afterAll(async () => {
  await model[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function told(name: string): Promise<string> {
  const { rootOnHost } = await model.machine('0');
  return join(rootOnHost, 'etc/cos-collector', name);
}

const unitFile = async () => {
  const { rootOnHost } = await model.machine('0');
  return readFileSync(join(rootOnHost, 'etc/systemd/system/gunicorn3-exporter.service'), 'utf8');
};

/** The numbers that Prometheus would read, by name and labels. */
async function metrics(): Promise<ReadonlyMap<string, number>> {
  const [, port] = /--listen (\d+)/.exec(await unitFile()) ?? [];
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

/** Datagrams arrive a moment after the answer. */
async function until(look: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(50)) {
    if (await look().catch(() => false)) return;
  }
  throw new Error('it did not come about');
}

test('requests are counted, and the units and the build are told', async () => {
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving one on port 8080' });
  expect((await statusOf(model, 'collector/0')).message).toMatch(/^collecting from localhost:\d+$/);
  const [, statsd] = /--statsd (\d+)/.exec(await unitFile()) ?? [];
  for (const path of ['/', '/fail', `/own?${statsd}`]) await page(model, path);
  await until(async () => (await metrics()).get('gunicorn_requests_total') === 3);
  expect(Object.fromEntries(await metrics())).toMatchObject({
    'gunicorn_request_status_total{class="2xx",status="200"}': 2,
    'gunicorn_request_status_total{class="5xx",status="503"}': 1,
    gunicorn_request_duration_seconds_count: 3,
    'gunicorn_request_duration_seconds_bucket{le="+Inf"}': 3,
    'gunicorn_log_records_total{level="critical"}': 0,
    'wsgi_up{unit="gunicorn3.service"}': 1,
    'wsgi_up{unit="wsgi-worker@1.service"}': 1,
    'wsgi_restarts_total{unit="gunicorn3.service"}': 0,
    wsgi_workers: 1,
    'wsgi_build_served_since_timestamp_seconds{build="one"}': expect.any(Number),
    wsgi_release_halted: 0,
    shop_orders: 3,
  });
});

test('gunicorn logs as before while it counts', async () => {
  const { rootOnHost } = await model.machine('0');
  const log = readFileSync(join(rootOnHost, 'var/log/wsgi.service.log'), 'utf8');
  const entries = log.split('\n').filter((line) => line.includes('"gunicorn.access"'));
  expect(entries.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ method: 'GET', path: '/fail', status: 503 }),
  );
});

const ALERTS = { model: 'prod', modelUuid: '5e4f1b8c-7a5e-4b0e-8a53-0c5b6b7f1d11', application: 'shop', charm: 'wsgi' };

/** Series of the application, and of another that no rule may look at. */
function series(name: string, labels: string, values: string) {
  const own = 'juju_model="prod",juju_model_uuid="5e4f1b8c-7a5e-4b0e-8a53-0c5b6b7f1d11",juju_application="shop"';
  return { series: `${name}{${own},juju_unit="shop/0"${labels}}`, values };
}

describe.skipIf(withoutPrometheus)('the alert rules', () => {
  const well = [
    series('wsgi_up', ',unit="gunicorn3.service"', '1x60'),
    series('wsgi_up', ',unit="wsgi-worker@1.service"', '1x60'),
    series('wsgi_release_halted', '', '0x60'),
    series('gunicorn_requests_total', '', '0+60x60'),
    series('gunicorn_request_status_total', ',class="5xx",status="500"', '0+1x60'),
    series('gunicorn_request_duration_seconds_bucket', ',le="1"', '0+60x60'),
    series('gunicorn_request_duration_seconds_bucket', ',le="5"', '0+60x60'),
    series('gunicorn_request_duration_seconds_bucket', ',le="+Inf"', '0+60x60'),
    series('wsgi_restarts_total', ',unit="gunicorn3.service"', '0+0x30 1+0x30'),
  ];
  const sick: Readonly<Record<string, readonly ReturnType<typeof series>[]>> = {
    WsgiDown: [series('wsgi_up', ',unit="gunicorn3.service"', '0x60')],
    WsgiProcessDead: [series('wsgi_up', ',unit="wsgi-worker@1.service"', '0x60')],
    WsgiReleaseHalted: [series('wsgi_release_halted', '', '1x60')],
    WsgiErrors: [series('gunicorn_request_status_total', ',class="5xx",status="500"', '0+6x60')],
    WsgiSlow: [series('gunicorn_request_duration_seconds_bucket', ',le="1"', '0+50x60')],
    WsgiRestarting: [series('wsgi_restarts_total', ',unit="gunicorn3.service"', '0+1x60')],
  };
  const names = alertRules(ALERTS).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

  test('are rules, and each fires for what it is named after and nothing else', async () => {
    const with_ = (changed: readonly ReturnType<typeof series>[]) => [
      ...well.filter((one) => !changed.some((other) => other.series === one.series)),
      ...changed,
    ];
    const cases: Record<string, readonly ReturnType<typeof series>[]> = {
      none: well,
      WsgiMetricsMissing: [],
      ...Object.fromEntries(Object.entries(sick).map(([name, changed]) => [name, with_(changed)])),
    };
    expect(
      Object.keys(cases)
        .filter((name) => name !== 'none')
        .sort(),
    ).toEqual([...names].sort());
    const tests = Object.entries(cases).map(([fires, input_series]) => ({
      name: fires,
      interval: '1m',
      input_series,
      promql_expr_test: names.map((name) => ({
        expr: `count(ALERTS{alertname="${name}",alertstate="firing"}) or vector(0)`,
        eval_time: '40m',
        exp_samples: [{ labels: '{}', value: name === fires ? 1 : 0 }],
      })),
    }));
    await writeFile(join(folder, 'rules.json'), JSON.stringify(alertRules(ALERTS)));
    await writeFile(join(folder, 'tests.json'), JSON.stringify({ rule_files: ['rules.json'], tests }));
    const checked = await execa('promtool', ['check', 'rules', join(folder, 'rules.json')]);
    expect(checked.stdout).toContain(`${names.length} rules found`);
    const tested = await execa('promtool', ['test', 'rules', join(folder, 'tests.json')], { reject: false, all: true });
    expect(tested.all).toContain('SUCCESS');
  });
});

describe.skipIf(withoutPrometheus)('a real Prometheus', () => {
  test('scrapes what the agent is told of; the alert fires while the service is down, and is quiet again', async () => {
    // What is waited for is the rule, not the time for which it has to hold.
    const rules = (await readFile(await told('rules.json'), 'utf8')).replaceAll(/"for": "\d+m"/g, '"for": "0s"');
    await writeFile(await told('rules.json'), rules);
    const port = await freePort();
    const prometheus = execa(
      'prometheus',
      [
        `--config.file=${await told('prometheus.json')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { reject: false },
    );
    const firing = async () => {
      const answer = await (await fetch(`http://127.0.0.1:${port}/api/v1/alerts`)).json();
      return Alerts.parse(answer).data.alerts.map(({ labels }) => `${labels.alertname} ${labels.juju_unit}`);
    };
    const isScraped = async () => {
      const query = encodeURIComponent('wsgi_up{juju_unit="wsgi/0",unit="gunicorn3.service"}');
      return (await (await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${query}`)).text()).includes('"1"');
    };
    try {
      // Before the first scrape there are no metrics, which is an alert too.
      await until(isScraped);
      await until(async () => (await firing()).length === 0);
      await model.unit('wsgi/0').exec('systemctl stop gunicorn3.service');
      await until(async () => (await firing()).includes('WsgiDown wsgi/0'));
      await model.unit('wsgi/0').exec('systemctl start gunicorn3.service');
      await until(async () => (await firing()).length === 0);
    } finally {
      prometheus.kill();
      await prometheus;
    }
  });
});

test('when the agent goes nothing of it stays, and the application serves on', async () => {
  await model.removeRelation('wsgi:cos-agent', 'collector:cos-agent');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving one on port 8080' });
  expect(await page(model)).toBe('fine');
  const { results } = await model.unit('wsgi/0').exec('systemctl is-active gunicorn3-exporter.service || true');
  expect(String(results.stdout).trim()).toBe('inactive');
  await expect(unitFile()).rejects.toThrow('ENOENT');
});

const Alerts = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()) })) }),
});
