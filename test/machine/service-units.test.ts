/** The unit files, the environment file, the log and the checks, as a real systemd, logrotate, syslog and NRPE take them. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NspawnMachine } from '../../packages/local-juju/nspawn/machine.ts';
import { environmentFile } from '../../src/system/environment-file.ts';
import { logRotation } from '../../src/wsgi/app/log-file.ts';
import { type Options, parseOptions } from '../../src/wsgi/config/options.ts';
import { ownChecks, verifyChecks } from '../../src/wsgi/publish/nagios-checks.ts';
import { monitoringFiles } from '../../src/wsgi/publish/nagios-files.ts';
import { gunicornArguments, gunicornConfig, launcherProgram } from '../../src/wsgi/unit/gunicorn.ts';
import { closingUnits, type ServiceSpec, serviceUnit, socketUnitText } from '../../src/wsgi/unit/unit-file.ts';
import { NOT_ROOT, SUITES } from '../setup/real-machines.ts';

const PACKAGES = ['logrotate', 'rsyslog', 'nagios-nrpe-server', 'nagios-nrpe-plugin', 'monitoring-plugins-basic'];
const LOG = '/var/log/wsgi.service.log';
const ENVIRONMENT = '/etc/gunicorn3/environment';
const CONFIG = '/etc/gunicorn3/gunicorn-text.conf.py';

const APPLICATION = `import json, os, sys
print("printed at import")

def application(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/environment":
        body = json.dumps({os.fsdecode(name): os.fsdecode(value) for name, value in os.environb.items()})
    elif path == "/raise":
        raise RuntimeError("raised in a request")
    elif path == "/write":
        body = ""
        for place in ("/var/lib/wsgi/own", "/srv/code", "/etc/other", "/var/log/other"):
            try:
                open(place, "w").close()
                body += place + "\\n"
            except OSError:
                pass
    elif path.startswith("/print/"):
        print("request", path.removeprefix("/print/"))
        body = "printed"
    else:
        body = "It works!"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [body.encode()]
`;

function optionsOf(config: Record<string, string | number | boolean>): Options {
  const { options, problems } = parseOptions({ workers: 2, ...config }, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error(JSON.stringify(problems));
  return options;
}

function specOf(options: Options, systemd: number): ServiceSpec {
  return {
    owner: 'wsgi/0',
    name: 'gunicorn3.service',
    description: 'gunicorn for wsgi/0: 100 % "real"',
    user: 'wsgi',
    group: 'wsgi',
    workingDirectory: '/srv',
    argv: gunicornArguments({
      python: '/opt/venv/bin/python',
      config: CONFIG,
      options,
      proxies: [],
      bind: undefined,
      statsd: undefined,
    }),
    launcher: '/etc/gunicorn3/gunicorn3-run.py',
    systemd,
    logFile: LOG,
    generation: 'GUNICORN3_GENERATION=a b',
    environmentFile: ENVIRONMENT,
    startTimeout: 60,
    gracefulTimeout: 30,
    readWritePaths: ['/var/lib/wsgi'],
    readOnlyPaths: ['/srv'],
    sandboxing: true,
    trial: false,
  };
}

describe.skipIf(NOT_ROOT).each(SUITES)('under the systemd of %s', (suite) => {
  let machine: NspawnMachine;

  async function sh(script: string): Promise<string> {
    const env = { PATH: machine.hookPath, LANG: 'C.UTF-8' };
    const { code, stdout, stderr } = await machine.exec(['sh', '-c', script], { env });
    if (code !== 0) throw new Error(`${script}\nended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }
  async function put(path: string, text: string, mode = 0o644): Promise<void> {
    const file = join(machine.rootOnHost, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text, { mode });
  }
  async function get(path: string): Promise<string> {
    const answer = await fetch(`http://${machine.address}:8080${path}`, { headers: { connection: 'close' } });
    return answer.text();
  }
  async function until(what: string, look: () => Promise<boolean>): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(20)) if (await look()) return;
    throw new Error(`it did not come about: ${what}`);
  }
  const state = async (unit: string) => (await sh(`systemctl show -p ActiveState --value ${unit}`)).trim();

  async function serve(options: Options): Promise<void> {
    await put('/etc/systemd/system/gunicorn3.service', serviceUnit(specOf(options, suite === 'trixie' ? 257 : 252)));
    await sh('systemctl daemon-reload; systemctl reset-failed; systemctl restart gunicorn3.service');
    await until('it answers', async () => (await get('/').catch(() => '')) === 'It works!');
  }

  beforeAll(async () => {
    machine = await NspawnMachine.create({ suite, packages: PACKAGES, log: (line) => console.log(line) });
    await put('/srv/wsgi.py', APPLICATION);
    await put('/etc/gunicorn3/gunicorn3-run.py', launcherProgram());
    await put(CONFIG, gunicornConfig({ logFormat: 'text' }));
    await put(ENVIRONMENT, '', 0o600);
    const socket = { owner: 'wsgi/0', port: 8080, service: 'gunicorn3.service', ipv6: true };
    await put('/etc/systemd/system/gunicorn3-8080.socket', socketUnitText(socket));
    for (const [name, text] of closingUnits('wsgi/0', 'gunicorn3.service'))
      await put(`/etc/systemd/system/${name}`, text);
    await cp('wheels', join(machine.rootOnHost, 'root/wheels'), { recursive: true });
    await sh(`useradd --system --home-dir /var/lib/wsgi wsgi
      python3 -m venv --without-pip /opt/venv
      pip=$(echo /root/wheels/pip-*.whl); /opt/venv/bin/python $pip/pip install -q --no-index --find-links /root/wheels gunicorn
      install -o wsgi -g wsgi -m 600 /dev/null ${LOG}
      systemctl daemon-reload
      systemctl enable gunicorn3-8080.socket`);
    await serve(optionsOf({}));
    await sh('systemctl enable gunicorn3.service');
  });
  afterAll(() => machine?.destroy());

  test('systemd has no remark on the units, and rates the service 1.5 or better', async () => {
    const verified = await sh('systemd-analyze verify /etc/systemd/system/gunicorn3.service 2>&1');
    expect(verified.split('\n').filter((line) => line.includes('gunicorn3'))).toEqual([]);
    const [, exposure] =
      /Overall exposure level for gunicorn3.service: ([0-9.]+)/.exec(
        await sh('systemd-analyze security --no-pager gunicorn3.service'),
      ) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(1.5);
    expect((await sh('systemctl show -p Description --value gunicorn3.service')).trim()).toBe(
      'gunicorn for wsgi/0: 100 % "real"',
    );
  });

  test('the application runs as its user, writes its state, and nothing else', async () => {
    expect(await get('/write')).toBe('/var/lib/wsgi/own\n');
    expect(await sh('ps -o user= -C python | sort -u')).toBe('wsgi\n');
  });

  test('every variable reaches it byte for byte, and no process list shows one', async () => {
    const value = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replace(/[^\P{C}\n\t]/gu, ''));
    const odd = fc.array(fc.constantFrom(...'"\\`$\n\t#;=% \'é🚀', '%n', '$(id)')).map((parts) => parts.join(''));
    const values = [...fc.sample(value, 40), ...fc.sample(odd, 40), 'x'.repeat(131_000)].filter(
      (text) => text.isWellFormed() && !/\p{Noncharacter_Code_Point}/u.test(text),
    );
    const variables = new Map(values.map((text, index) => [`V${index}`, text]));
    await put(ENVIRONMENT, environmentFile(new Map([...variables, ['SECRET', 'hunter2secret']])), 0o600);
    await sh('systemctl restart gunicorn3.service');
    const seen = new Map(Object.entries(JSON.parse(await get('/environment'))));
    for (const [name, text] of variables) expect([name, seen.get(name)]).toEqual([name, text]);
    expect(seen.get('GUNICORN3_GENERATION')).toBe('a b');
    expect(await sh('cat /proc/*/cmdline | tr "\\0" " "')).not.toContain('hunter2secret');
    await put(ENVIRONMENT, '', 0o600);
    await sh('systemctl restart gunicorn3.service');
  });

  test('what is printed is in the journal, the syslog and the log file', async () => {
    await get('/print/once');
    await get('/raise');
    const places = {
      journal: 'journalctl -u gunicorn3.service -o cat --no-pager',
      syslog: 'cat /var/log/syslog',
      log: `cat ${LOG}`,
    };
    for (const [place, read] of Object.entries(places)) {
      for (const line of ['Booting worker', 'printed at import', 'request once', 'RuntimeError: raised in a request']) {
        await until(`${place} has ${line}`, async () => (await sh(read)).includes(line));
      }
    }
    expect(await sh(`stat -c '%U %a' ${LOG}`)).toBe('wsgi 600\n');
  });

  test('logrotate moves the log away under load, and no line is lost or doubled', async () => {
    const rotation = { owner: 'wsgi/0', logFile: LOG, user: 'wsgi', group: 'wsgi', rootsFolder: true };
    await put('/etc/logrotate.d/gunicorn3', logRotation(rotation));
    const count = 600;
    let next = 0;
    const client = async () => {
      for (let number = next++; number < count; number = next++) await get(`/print/${number}`);
    };
    const load = Promise.all([client(), client(), client(), client()]);
    // One turn less than are kept.
    for (let turn = 1; turn < 8; turn++) {
      await until('some lines are written', async () => next > (turn * count) / 8);
      await sh('logrotate -f /etc/logrotate.d/gunicorn3');
    }
    await load;
    const all = async () =>
      (await sh(`zcat -f ${LOG}*`)).split('\n').flatMap((line) => /^request (\d+)$/.exec(line)?.[1] ?? []);
    await until('all is written', async () => (await all()).length >= count);
    expect((await all()).map(Number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: count }, (_, number) => number),
    );
    const files = (await sh(`ls ${LOG} ${LOG}.*`)).trim().split('\n');
    expect(files.length).toBeGreaterThan(4);
    expect(await sh(`stat -c '%U %a' ${LOG}`)).toBe('wsgi 600\n');
  });

  test('a restart keeps the socket, a stop takes it down, and a start brings both back', async () => {
    const closed = async () =>
      Number(await sh('journalctl -u gunicorn3-8080.socket -o cat --no-pager | grep -c Closed || true'));
    const before = await closed();
    await sh('systemctl restart gunicorn3.service; systemctl reload gunicorn3.service');
    expect(await closed()).toBe(before);
    await sh('systemctl stop gunicorn3.service');
    expect(await state('gunicorn3-8080.socket')).toBe('inactive');
    await expect(get('/')).rejects.toThrow();
    await sh('systemctl start gunicorn3.service');
    expect(await state('gunicorn3-8080.socket')).toBe('active');
    expect(await get('/')).toBe('It works!');
  });

  test('a service that dies comes back, and its socket with it', async () => {
    const main = async () => (await sh('systemctl show -p MainPID --value gunicorn3.service')).trim();
    const before = await main();
    await sh(`kill -9 ${before}`);
    await until(
      'it runs again',
      async () => (await state('gunicorn3.service')) === 'active' && (await main()) !== before,
    );
    expect(await state('gunicorn3-8080.socket')).toBe('active');
    expect(await get('/')).toBe('It works!');
  });

  test('one that dies again and again ends as failed, with its last words logged and its port closed', async () => {
    await put('/srv/wsgi.py', `raise RuntimeError("broken for good")\n`);
    await sh('systemctl restart gunicorn3.service');
    await until('it is given up', async () => (await state('gunicorn3.service')) === 'failed');
    await until('its port is closed', async () => (await state('gunicorn3-8080.socket')) !== 'active');
    await expect(get('/')).rejects.toThrow();
    const journal = await sh('journalctl -u gunicorn3.service -o cat --no-pager');
    expect(journal).toContain('broken for good');
    const last = (text: string) => text.split('\n').filter((line) => line.includes('Shutting down: Master')).length;
    expect(last(await sh(`zcat -f ${LOG}*`))).toBe(last(journal));
    await put('/srv/wsgi.py', APPLICATION);
    await sh('systemctl reset-failed gunicorn3.service gunicorn3-8080.socket; systemctl start gunicorn3.service');
    await until('it answers', async () => (await get('/').catch(() => '')) === 'It works!');
  });

  test('a service without its socket does not serve somewhere else', async () => {
    await sh('systemctl stop gunicorn3.service');
    await until('its port is closed', async () => (await state('gunicorn3-8080.socket')) !== 'active');
    await sh('systemd-run --quiet --unit=taker python3 -m http.server 8080');
    await until('the port is taken', async () => (await get('/').catch(() => '')) !== '');
    const started = await sh('systemctl start gunicorn3.service 2>&1 || echo refused');
    expect(started).toContain('refused');
    expect(await sh('journalctl -u gunicorn3.service -o cat --no-pager -n 30')).toContain(
      'there is no socket to serve',
    );
    await sh('systemctl stop taker gunicorn3.service; systemctl reset-failed; systemctl start gunicorn3.service');
    await until('it answers', async () => (await get('/').catch(() => '')) === 'It works!');
  });

  test('serves again after a reboot, before anything else runs', async () => {
    await machine.reboot();
    await until('it answers', async () => (await get('/').catch(() => '')) === 'It works!');
  });

  describe('Nagios is told by NRPE', () => {
    async function checked(name: string, config: Record<string, string | number> = {}): Promise<string> {
      const options = optionsOf(config);
      const address = { host: '127.0.0.1', port: 8080 };
      const checks = { ...ownChecks(options, address), ...verifyChecks(options, address) };
      const files = monitoringFiles(checks, { owner: 'wsgi/0', hostName: 'juju-wsgi-0', groups: ['juju'] });
      for (const [path, text] of files) await put(path, text);
      await sh('systemctl reset-failed; systemctl restart nagios-nrpe-server');
      const nrpe = `/usr/lib/nagios/plugins/check_nrpe -H 127.0.0.1 -c check_${name}`;
      await until('NRPE answers', async () => !(await sh(`${nrpe} 2>&1 || true`)).includes('port 5666'));
      return (await sh(`${nrpe}; echo code $?`)).trim();
    }

    test('OK while the page is as it should be', async () => {
      expect(await checked('wsgi_http', { nagios_index_content: 'It works!' })).toMatch(/^HTTP OK[\s\S]*code 0$/);
      expect(await checked('wsgi_service')).toBe('gunicorn3.service is active\ncode 0');
      expect(await checked('webservice', { verify_hostname: 'shop.example' })).toMatch(/^HTTP OK[\s\S]*code 0$/);
    });

    test('CRITICAL for another content or status', async () => {
      expect(await checked('wsgi_http', { nagios_index_content: `It's $HOME; "x" \`id\`!` })).toMatch(
        /^HTTP CRITICAL[\s\S]*code 2$/,
      );
      expect(await checked('wsgi_http', { nagios_index_status: 302 })).toMatch(/^HTTP CRITICAL[\s\S]*code 2$/);
      expect(await checked('webservice', { verify_status: '404 Not Found' })).toMatch(/^HTTP CRITICAL[\s\S]*code 2$/);
    });

    test('CRITICAL when the service is stopped', async () => {
      await sh('systemctl stop gunicorn3.service');
      expect(await checked('wsgi_http')).toMatch(/code 2$/);
      expect(await checked('wsgi_service')).toBe('gunicorn3.service is inactive\ncode 2');
    });
  });
});
