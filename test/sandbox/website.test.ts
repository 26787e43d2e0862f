/** HAProxy from the distribution in front of two units, under load while they change, die, come back and go. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { startTimedLoad } from '../load/timed-load.ts';
import { HAPROXY, whyNotInstalled } from '../servers/debian.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { answering, archiveOf, newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const SERVING = { current: 'active', message: 'serving where on port 8081' };

test('HAProxy loses no request while the port changes, a service dies and comes back, and a unit goes', async ({
  skip,
}) => {
  const whyNot = await whyNotInstalled(HAPROXY);
  if (whyNot !== undefined) skip(whyNot);
  await using model = await newModel();
  await model.together(async () => {
    await model.deploy(join(EXAMPLES, 'haproxy-provider'), { application: 'haproxy', config: { port: '8000' } });
    await model.deploy(inject('charm'), {
      application: 'wsgi',
      units: 2,
      config: { port: '8080', ...QUICK },
      resources: { build: await archiveOf({ BUILD_LABEL: 'where', 'wsgi.py': answering("os.environ['HOME']") }) },
    });
    await model.integrate('haproxy:reverseproxy', 'wsgi:website');
  });
  expect(await whoAnswers(model)).toHaveLength(2);

  const { host, port } = await model.unit('haproxy/0').endpoint(8000);
  await using load = startTimedLoad(`http://${host}:${port}/`, 250);

  // All units move before HAProxy hears of the first.
  model.order = ([first = '', ...others]) => [first, ...others].find((unit) => unit.startsWith('wsgi/')) ?? first;
  await model.config('wsgi', { port: '8081' });
  const moved = Date.now();
  expect([await statusOf(model), await statusOf(model, 'wsgi/1')]).toEqual([SERVING, SERVING]);

  const killed = await killUntilFailed(model);
  expect(await whoAnswers(model)).toEqual([await homeOf(model, 'wsgi/0')]);
  await model.advance('6m');
  expect(await whoAnswers(model)).toHaveLength(2);

  await systemctl(model, 'stop', 'gunicorn3.service');
  expect(await whoAnswers(model)).toEqual([await homeOf(model, 'wsgi/0')]);
  await model.advance('6m');
  expect(await statusOf(model, 'wsgi/1')).toEqual({
    current: 'blocked',
    message: 'gunicorn3.service was stopped by hand; start it with systemctl start gunicorn3.service',
  });
  expect(await statusOf(model, 'haproxy/0')).toMatchObject({ message: 'serving on 8000, 1 servers' });
  await systemctl(model, 'start', 'gunicorn3.service');
  await model.advance('6m');
  expect(await whoAnswers(model)).toHaveLength(2);

  await model.removeUnit('wsgi/1');
  expect(await whoAnswers(model)).toEqual([await homeOf(model, 'wsgi/0')]);

  // A minute after the new port the old one goes.
  await untilRefused(model, 8080, moved + 90_000);
  const report = await load.stop();
  const died = new Set(killed.flatMap((moment) => report.openAt(moment)));
  const lost = report.failed.filter((request) => !died.has(request));
  expect(lost).toEqual([]);
  expect(report.rate).toBeGreaterThan(200);
  console.info(
    `${report.requests.length} requests, ${report.rate.toFixed(0)} a second; ${killed.length} kills with ${died.size} ` +
      `requests under way, ${report.failed.length} of them failed`,
  );
});

/** Who answers: of so many requests, shared with those of the load, both units get some unless one is out. */
async function whoAnswers(model: LocalModel): Promise<string[]> {
  const answers = new Set<string>();
  for (let count = 0; count < 24; count += 1) answers.add(await page(model, '/', { unit: 'haproxy/0', port: 8000 }));
  return [...answers];
}

async function homeOf(model: LocalModel, unit: string): Promise<string> {
  return join((await model.unit(unit).machine()).rootOnHost, 'var/lib/wsgi');
}

async function systemctl(model: LocalModel, ...args: string[]): Promise<string> {
  const machine = await model.unit('wsgi/1').machine();
  const env = { PATH: machine.hookPath, ...machine.hookEnv };
  return (await machine.exec(['systemctl', ...args], { env })).stdout;
}

/** Kills the service of wsgi/1 again and again until systemd gives it up. @returns when, in milliseconds since the epoch */
async function killUntilFailed(model: LocalModel): Promise<number[]> {
  // systemd's patience is made shorter, as an operator would.
  const { rootOnHost } = await model.unit('wsgi/1').machine();
  const dropIns = join(rootOnHost, 'etc/systemd/system/gunicorn3.service.d');
  await mkdir(dropIns, { recursive: true });
  await writeFile(join(dropIns, 'patience.conf'), '[Unit]\nStartLimitBurst=3\n');
  await systemctl(model, 'daemon-reload');
  const killed: number[] = [];
  for (;;) {
    const shown = await systemctl(model, 'show', 'gunicorn3.service', '-p', 'ActiveState,MainPID');
    if (shown.includes('ActiveState=failed')) return killed;
    const pid = Number(/MainPID=(\d+)/.exec(shown)?.[1]);
    if (pid > 0) {
      killed.push(Date.now());
      process.kill(pid, 'SIGKILL');
    }
    await pause(50);
  }
}

async function untilRefused(model: LocalModel, port: number, deadline: number): Promise<void> {
  for (;;) {
    const answer = await page(model, '/', { port }).catch(() => undefined);
    if (answer === undefined) return;
    if (Date.now() > deadline) throw new Error(`port ${port} still answers`);
    await pause(500);
  }
}
