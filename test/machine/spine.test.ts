import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { NOT_ROOT, outputOf, packedCharm, realModel, SUITES, sh } from '../setup/real-machines.ts';
import { archiveOf, page as pageOf, statusOf } from '../setup/wsgi-model.ts';

/** Says things at import and in a request, breaks on demand, and dies at import while a file is there. */
const TALKER = [
  'import os',
  'print("said at import")',
  'if os.path.exists(os.path.expanduser("~/die")): raise RuntimeError("told to die")',
  'def application(environ, start_response):',
  '    print("said in a request for", environ["PATH_INFO"])',
  '    if environ["PATH_INFO"] == "/break": raise ValueError("broken on demand")',
  '    start_response("200 OK", [("Content-Type", "text/plain")])',
  '    return [environ["PATH_INFO"].encode() if environ["PATH_INFO"] != "/env" else',
  '            "\\n".join(f"{k}={v}" for k, v in sorted(os.environ.items())).encode()]',
  '',
].join('\n');

describe.skipIf(NOT_ROOT).each(SUITES)('on a real machine of %s that has no Node, from the packed charm', (suite) => {
  let model: LocalModel;
  let machine: LocalMachine;
  const page = (path = '/', port = 80) => pageOf(model, path, { port });
  const websitePort = () =>
    Object.values(model.state().relations).find(({ interface: name }) => name === 'http')?.bags['wsgi/0']?.data.port;
  const openedPorts = () => model.state().units['wsgi/0']?.ports.map(({ from }) => from);

  beforeAll(async () => {
    model = await realModel({ suite });
    await model.deploy(await packedCharm(), { application: 'wsgi' });
    machine = await model.machine('0');
    // Somebody who reads the website, and stays on the machine when the unit goes.
    await model.deploy(await readerOfWebsites(), { application: 'reader', to: ['0'] });
    await model.integrate('wsgi:website', 'reader:site');
  });
  afterAll(() => model.destroy());

  test('it serves its example on port 80, as a user without privileges', async () => {
    expect((await sh(machine, 'command -v node')).code).not.toBe(0);
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 80' });
    expect(await page()).toBe('It works! Revision 1');
    expect(openedPorts()).toEqual([80]);
    expect(websitePort()).toBe('80');
    const pid = await outputOf(machine, 'systemctl show -p MainPID --value gunicorn3.service');
    expect(await outputOf(machine, `ps -o user= --pid ${pid} --ppid ${pid} | sort -u`)).toBe('wsgi');
    expect(await outputOf(machine, `grep CapEff /proc/${pid}/status`)).toMatch(/^CapEff:\s0+$/);
  });

  test('its service is confined', async () => {
    const rating = await outputOf(machine, 'systemd-analyze security --no-pager gunicorn3.service | tail -1');
    const [, exposure] = /level for gunicorn3\.service: ([0-9.]+)/.exec(rating) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(1.5);
    expect(await outputOf(machine, 'systemd-analyze verify gunicorn3.service 2>&1')).toBe('');
  });

  test('it follows its options: port, module, environment, build, and back', async () => {
    await model.config('wsgi', { port: '8080', settle_time: '1' });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
    expect(await page('/', 8080)).toBe('It works! Revision 1');
    expect([openedPorts(), websitePort()]).toEqual([[8080], '8080']);

    await model.config('wsgi', { wsgi_module: 'nope:application' });
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: 'wsgi_module: nope:application is not in this build; found: wsgi.py (application)',
    });
    expect(await page('/', 8080)).toBe('It works! Revision 1');
    await model.config('wsgi', { wsgi_module: 'wsgi:application' });

    await model.config('wsgi', { build_label: 'r2' });
    expect(await page('/', 8080)).toBe('It works! Revision 2');
    await model.config('wsgi', { build_label: 'r1', port: '80' });
    expect(await page()).toBe('It works! Revision 1');
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 80' });
  });

  test('journal, syslog and log file hold what gunicorn and the application say', async () => {
    await model.attachResource('wsgi', 'build', await archiveOf({ 'wsgi.py': TALKER, BUILD_LABEL: 'talker' }));
    expect(await page('/hello')).toBe('/hello');
    await page('/break');
    const said = [
      /\[INFO\] Starting gunicorn \d+/,
      /^.*said at import$/m,
      /said in a request for \/hello$/m,
      /Traceback \(most recent call last\):/,
      /ValueError: broken on demand/,
    ];
    const logs = {
      journal: () => outputOf(machine, 'journalctl -u gunicorn3.service --no-pager'),
      syslog: () => outputOf(machine, 'cat /var/log/syslog'),
      file: () => outputOf(machine, 'cat /var/log/wsgi.service.log'),
    };
    for (const [name, read] of Object.entries(logs)) {
      for (const line of said) await expect.poll(read, { message: name, timeout: 10_000 }).toMatch(line);
    }
    expect(await outputOf(machine, 'stat -c "%U %a" /var/log/wsgi.service.log')).toBe('wsgi 600');
  });

  test('settings of the operator in a drop-in are kept, honoured, and in force when a change is tried', async () => {
    await mkdir(join(machine.rootOnHost, 'etc/systemd/system/gunicorn3.service.d'));
    const dropIn = join(machine.rootOnHost, 'etc/systemd/system/gunicorn3.service.d/own.conf');
    await writeFile(dropIn, '[Service]\nEnvironment=FROM_DROP_IN=yes\nLimitNOFILE=4096\n');
    const build = archiveOf({
      'wsgi.py': `import os\nassert os.environ["FROM_DROP_IN"] == "yes"\n${TALKER}`,
      BUILD_LABEL: 'asks-for-drop-in',
    });
    await model.attachResource('wsgi', 'build', await build);
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving asks-for-drop-in on port 80' });
    expect(await page('/env')).toContain('FROM_DROP_IN=yes');
    expect(await outputOf(machine, 'systemctl show -p LimitNOFILE --value gunicorn3.service')).toBe('4096');
    expect(existsSync(dropIn)).toBe(true);
  });

  test('a service that somebody stops is reported, not started, and nobody is sent there meanwhile', async () => {
    await outputOf(machine, 'systemctl stop gunicorn3.service');
    await model.advance('5m');
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: 'gunicorn3.service was stopped by hand; start it with systemctl start gunicorn3.service',
    });
    expect((await sh(machine, 'systemctl is-active gunicorn3.service gunicorn3-80.socket')).stdout).toBe(
      'inactive\ninactive\n',
    );
    expect([openedPorts(), websitePort()]).toEqual([[], undefined]);
    await outputOf(machine, 'systemctl start gunicorn3.service');
    await model.advance('5m');
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    expect([openedPorts(), websitePort()]).toEqual([[80], '80']);
    expect(await page('/again')).toBe('/again');
  });

  test('one that dies again and again ends as failed with its sockets down, and both come back together', async () => {
    const states = () =>
      sh(machine, 'systemctl is-active gunicorn3.service gunicorn3-80.socket').then(({ stdout }) => stdout);
    try {
      await outputOf(machine, 'touch /var/lib/wsgi/die; kill -KILL $(systemctl show -p MainPID --value gunicorn3)');
      await expect.poll(states, { timeout: 120_000, interval: 500 }).toMatch(/^failed\n(inactive|failed)\n$/);
      await model.advance('5m');
      expect(await statusOf(model)).toMatchObject({
        current: 'blocked',
        message: expect.stringMatching(/told to die/),
      });
      expect([openedPorts(), websitePort()]).toEqual([[], undefined]);
      expect(await states()).not.toMatch(/^active$/m);
    } finally {
      await outputOf(machine, 'rm /var/lib/wsgi/die');
    }
    await model.advance('5m');
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    expect(await states()).toBe('active\nactive\n');
    expect([openedPorts(), websitePort()]).toEqual([[80], '80']);
    expect(await page('/back')).toBe('/back');
  });

  test('a rebooted machine serves before any hook runs', async () => {
    const hooks = model.log({}).length;
    await machine.reboot();
    await expect.poll(() => page('/up').catch(String), { timeout: 60_000 }).toBe('/up');
    expect(model.log({}).length).toBe(hooks);
    expect(await page('/env')).toContain('FROM_DROP_IN=yes');
  });

  test('of a removed unit its data, builds and logs stay, and nothing that runs or configures', async () => {
    await outputOf(machine, 'touch /var/lib/wsgi/upload');
    await model.removeUnit('wsgi/0');
    await expect(page()).rejects.toThrow();
    expect(await outputOf(machine, 'systemctl list-units --state=active,failed --plain --no-legend "gunicorn3*"')).toBe(
      '',
    );
    expect(
      await outputOf(machine, 'ls -d /etc/systemd/system/*gunicorn3* /etc/systemd/system/*/*gunicorn3*; true'),
    ).toBe('/etc/systemd/system/gunicorn3.service.d');
    const gone = ['/etc/gunicorn3', '/etc/logrotate.d/gunicorn3'];
    const kept = ['/var/lib/wsgi/upload', '/var/log/wsgi.service.log', '/srv/asks-for-drop-in/wsgi.py'];
    const there = [...gone, ...kept].filter((path) => existsSync(join(machine.rootOnHost, path)));
    expect(there).toEqual(kept);
    expect(await readFile(join(machine.rootOnHost, kept[1] ?? ''), 'utf8')).toMatch(/said at import/);
  });
});

describe.skipIf(NOT_ROOT).each(SUITES)('on a real machine of %s that reaches the archive of packages', (suite) => {
  test('a framework that comes from apt only is served', async () => {
    const model = await realModel({ suite, network: 'host' });
    try {
      const build = archiveOf({
        'pages.py': [
          'import django',
          'from django.conf import settings',
          'from django.core.handlers.wsgi import WSGIHandler',
          'from django.http import HttpResponse',
          'from django.urls import path',
          'def index(request): return HttpResponse("Django of " + django.__file__)',
          'urlpatterns = [path("", index)]',
          'settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])',
          'django.setup()',
          'application = WSGIHandler()',
          '',
        ].join('\n'),
        BUILD_LABEL: 'django',
      });
      await model.deploy(await packedCharm(), {
        application: 'wsgi',
        config: { port: '18123', wsgi_module: 'pages:application', apt_dependencies: 'python3-django' },
        resources: { build: await build },
      });
      expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving django on port 18123' });
      expect(await pageOf(model, '/', { port: 18123 })).toMatch(/^Django of \/usr\/lib\/python3\/dist-packages\//);
    } finally {
      await model.destroy();
    }
  });
});

/** A charm that does nothing but be related. */
async function readerOfWebsites(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-reader-'));
  const metadata = 'name: reader\nsummary: Reads.\ndescription: Reads.\nrequires:\n  site: {interface: http}\n';
  await writeFile(join(folder, 'metadata.yaml'), metadata);
  return folder;
}
