/** Five units behind HAProxy that take their releases in turn, and a client that asks all the time and is never let down. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { type Orders, ordersIn } from '../kill/orders.ts';
import { startTimedLoad, type TimedLoad } from '../load/timed-load.ts';
import { HAPROXY, whyNotInstalled } from '../servers/debian.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { NEXT, withNextUnitFile } from '../setup/next-unit-file.ts';
import { preloadedCharm } from '../setup/preloaded-charm.ts';
import { answering, archiveOf, newModel, QUICK, statusOf } from '../setup/wsgi-model.ts';

const PRELOAD = join(import.meta.dirname, '../kill/preload.ts');
/** Some two hundred hooks, which take minutes on a busy computer. */
const PATIENCE = { timeout: 1_800_000 };
/** Requests a second. */
const RATE = 20;
/** What has no port of its own on its command line is the service, and no trial. */
const ONLY_IN_ITS_PLACE = "if '--bind' not in sys.argv: raise RuntimeError('not in this place')";

const build = (label: string, before = '') =>
  archiveOf({ BUILD_LABEL: label, 'wsgi.py': answering(`'${label}'`, before) });
const fill = (count: number, message: string): string[] => Array.from({ length: count }, () => message);

describe('a fleet of five', () => {
  let model: LocalModel & AsyncDisposable;
  let base: string;
  let charm: string;
  let orders: Orders;
  let whyNot: string | undefined;
  let load: TimedLoad;

  beforeAll(async () => {
    whyNot = await whyNotInstalled(HAPROXY);
    if (whyNot !== undefined) return;
    base = await mkdtemp(join(tmpdir(), 'layer-wsgi-fleet-'));
    orders = ordersIn(base);
    charm = await preloadedCharm(base, PRELOAD, ['KILL_ORDER', orders.place]);
    model = await newModel();
    await model.together(async () => {
      await model.deploy(join(EXAMPLES, 'haproxy-provider'), { application: 'haproxy', config: { port: '8000' } });
      const resources = { build: await build('a') };
      await model.deploy(charm, { application: 'wsgi', units: 5, config: { port: '8080', ...QUICK }, resources });
      await model.integrate('haproxy:reverseproxy', 'wsgi:website');
    });
    expect(await messages()).toEqual(fill(5, 'serving a on port 8080'));
    const { host, port } = await model.unit('haproxy/0').endpoint(8000);
    load = startTimedLoad(`http://${host}:${port}/`, RATE);
  });

  afterAll(async () => {
    await load?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
    if (base !== undefined) await rm(base, { recursive: true, force: true });
  });

  async function messages(): Promise<string[]> {
    return Promise.all(model.units('wsgi').map(async (unit) => (await statusOf(model, unit)).message));
  }

  /** Kills the hook of whichever unit comes to restart its service next, which it does only in its turn. Returns the unit. */
  async function killInItsTurn(change: () => Promise<unknown>): Promise<string> {
    await orders.killAt('fleet-relation-changed', 'restart -- gunicorn3.service');
    await change();
    expect(await orders.wasKilled()).toBe(true);
    const failed = Object.values(model.state().units).filter((unit) => unit.failed !== undefined);
    expect(failed).toHaveLength(1);
    return failed[0]?.name ?? '';
  }

  /** How many units have the unit file of the next revision. */
  async function ofNextRevision(): Promise<number> {
    const machines = await Promise.all(model.units('wsgi').map((unit) => model.unit(unit).machine()));
    const files = machines.map(({ rootOnHost }) => join(rootOnHost, 'etc/systemd/system/gunicorn3.service'));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    return texts.filter((text) => text.includes(NEXT)).length;
  }

  test(
    'takes each change in turn, whatever dies or goes meanwhile, and no request fails',
    PATIENCE,
    async ({ skip }) => {
      if (whyNot !== undefined) skip(whyNot);

      // An option, and a hook that is killed in its turn: the others wait until it is resolved.
      const options = { rollout: 'one-by-one', environment_variables: 'GREETING=hello' };
      const killed = await killInItsTurn(() => model.config('wsgi', options));
      const waiting = 'serving a on port 8080; the new options are ready and wait for their turn';
      expect([killed, (await messages())[0]]).toEqual(['wsgi/1', 'serving a on port 8080']);
      expect((await messages()).slice(2)).toEqual(fill(3, waiting));
      await model.resolved(killed);
      expect(await messages()).toEqual(fill(5, 'serving a on port 8080'));

      // A build that works in the trial and not in its place: it is halted at the first unit, and each says where and why.
      await model.attachResource('wsgi', 'build', await build('misplaced', ONLY_IN_ITS_PLACE));
      const why = 'build misplaced does not start: RuntimeError: not in this place';
      expect(await messages()).toEqual(fill(5, `release halted: wsgi/0: ${why}; a serves`));
      await model.attachResource('wsgi', 'build', await build('b'));
      expect(await messages()).toEqual(fill(5, 'serving b on port 8080'));

      // A refresh: the canary, which leads, is removed, and so is a unit that dies in its turn.
      await model.config('wsgi', { rollout: 'canary' });
      await model.refresh('wsgi', { path: await withNextUnitFile(charm, join(base, 'next')) });
      const canary = 'serving b on port 8080; canary: promote-release or halt-release';
      const next = 'serving b on port 8080; the new version is ready and waits for its turn';
      expect(await messages()).toEqual([canary, ...fill(4, next)]);
      await model.removeUnit('wsgi/0');
      expect(await messages()).toEqual([canary, ...fill(3, next)]);
      const dead = await killInItsTurn(() => model.run('wsgi/leader', 'promote-release'));
      await model.together(async () => {
        await model.removeUnit(dead);
        await model.resolved(dead, { retry: false });
      });
      expect(await messages()).toEqual(fill(3, 'serving b on port 8080'));
      expect(await ofNextRevision()).toBe(3);

      const { requests, failed } = await load.stop();
      expect(failed).toEqual([]);
      expect([...new Set(requests.map(({ body }) => body))].sort()).toEqual(['a', 'b']);
    },
  );
});
