/** The page of the action doctor, in worlds that are well and in worlds where something is gone. */
import { beforeAll, describe, expect, it } from 'vitest';
import { action, type Charm, loadCharm, run, type State, state } from '../../../packages/charm-testing/index.ts';
import { tarOf } from '../../system/archives/make-archive.fixture.ts';

let charm: Charm;
let served: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  const config = { settle_time: 0, environment_variables: 'TOKEN=hunter2-token GREETING=hello' };
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config }));
});

async function page(before: State): Promise<Readonly<Record<string, string>>> {
  const after = await run(charm, action('doctor'), before);
  expect(after.action).toMatchObject({ status: 'completed' });
  // It looks, and leaves everything as it is.
  const own = ({ data }: State) => Object.entries(data).filter(([key]) => key.startsWith('wsgi.'));
  expect(own(after)).toEqual(own(before));
  expect([after.files, after.services, after.status]).toEqual([before.files, before.services, before.status]);
  const results: Record<string, string> = {};
  for (const [name, text] of Object.entries(after.action?.results ?? {})) results[name] = String(text);
  for (const line of Object.values(results).flatMap((text) => text.split('\n')))
    expect(line.length).toBeLessThanOrEqual(76);
  return results;
}

const SECTIONS = [
  'changed-by-hand',
  'disk',
  'journal',
  'memory',
  'problems',
  'processes',
  'relations',
  'served',
  'verdict',
];

describe('the page', () => {
  it('says of a unit that is well what serves, and that nothing is wrong', async () => {
    const { verdict, served: what, problems, ...more } = await page(served);
    expect(verdict).toBe('UP: GET / on port 80 is answered with 200\nstatus: active: serving r1 on port 80');
    expect(what).toMatch(/^build r1 in \/srv\/r1, from the charm's own files\nrunning since \d{4}-\d\d-\d\dT/);
    expect([problems, more['changed-by-hand'], more.relations]).toEqual(['none', 'none', 'none']);
  });

  it('says of each process of the Procfile how it does, and when one that is scheduled ran and runs next', async () => {
    const content = 'worker: python worker.py\ncleanup: python cleanup.py\n';
    const build = tarOf([
      { name: 'wsgi.py', content: 'application = None' },
      { name: 'Procfile', content },
    ]);
    const config = { settle_time: 0, schedules: 'cleanup=daily' };
    const before = state({ unit: 'wsgi/0', leader: true, config, resources: { build } });
    const { processes } = await page(await run(charm, 'install', before));
    expect(processes).toMatch(/^cleanup: waiting, never ran here, next never$/m);
    expect(processes).toMatch(/^worker@1: running since unknown, not restarted$/m);
  });

  it('names the last problem, and when it came and went', async () => {
    const config = { ...served.config, workers: -1 };
    const bad = await run(charm, 'config-changed', { ...served, config });
    const lasting = await page(bad);
    expect(lasting.problems).toMatch(
      /^\S+Z, still\n {2}blocked: workers: -1 is not a number in range; 0 to 1024 is right$/,
    );
    expect(lasting.verdict).toMatch(/^UP: .*\nstatus: blocked: workers: -1/);
    const mended = await run(charm, 'config-changed', { ...bad, config: served.config });
    expect((await page(mended)).problems).toMatch(/^\S+Z to \S+Z\n {2}blocked: workers: /);
  });

  it('shows no secret', async () => {
    const services = { ...served.services, 'gunicorn3-trial.service': { startFails: 'token is hunter2-token' } };
    const config = { ...served.config, workers: 3 };
    const failing = await run(charm, 'config-changed', state({ ...served, config, services }));
    expect(failing.status.status).toBe('blocked');
    const text = JSON.stringify(await page(failing));
    expect(text).toContain('token is ******');
    expect(text).not.toContain('hunter2');
  });

  it('tells what was changed by hand', async () => {
    const unit = '/etc/systemd/system/gunicorn3.service';
    const files = {
      ...served.files,
      [unit]: `${served.files[unit]}# mine\n`,
      [`${unit}.d/nice.conf`]: '[Service]\nNice=5\n',
    };
    expect((await page({ ...served, files }))['changed-by-hand']?.split('\n')).toEqual(
      expect.arrayContaining([
        `${unit}: differs from what the charm writes`,
        expect.stringContaining(`${unit}.d/nice.conf: a setting of your own`),
      ]),
    );
  });

  it('is there before anything else is', async () => {
    const page1 = await page(state({ unit: 'wsgi/0' }));
    expect(Object.keys(page1).sort()).toEqual(SECTIONS);
    expect(page1.verdict).toBe(
      'DOWN: there is no gunicorn3.service on this machine\nstatus: no hook of this unit has come to its end',
    );
    expect(Object.values(page1).join('\n')).not.toContain('cannot be told');
  });

  it('is there when the store and the build are gone, and the options are wrong', async () => {
    const files = Object.fromEntries(Object.entries(served.files).filter(([path]) => !path.startsWith('/srv/')));
    const config = { ...served.config, port: 0 };
    const broken = { ...served, files, config, flags: {}, data: {} };
    const shown = await page(broken);
    expect(Object.keys(shown).sort()).toEqual(SECTIONS);
    expect(shown.verdict).toMatch(/^UP: /);
    expect(shown.served).toMatch(/^build r1 in /);
  });

  it('is there when the service has failed', async () => {
    const services = { ...served.services, 'gunicorn3.service': { active: false, enabled: true, failed: true } };
    expect((await page(state({ ...served, services }))).verdict).toMatch(/^DOWN: gunicorn3\.service is failed/);
  });
});
