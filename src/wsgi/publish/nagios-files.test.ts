import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { parseOptions } from '../config/options.ts';
import { checkHttp, ownChecks, verifyChecks, withAuthors } from './nagios-checks.ts';
import { exportFile, monitoringFiles, monitorsYaml, nagiosHost, nrpeFile, shellCommand } from './nagios-files.ts';

const address = { host: '127.0.0.1', port: 8080 };
const host = { owner: 'wsgi/0', hostName: 'juju-wsgi-0', groups: ['juju'] };

function optionsOf(config: Record<string, string | number>) {
  const { options, problems } = parseOptions(config, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error(JSON.stringify(problems));
  return options;
}

/** What NRPE makes of a file: comments skipped, a line of at most 2047 bytes, `$$` as `$` and other pairs of `$` as macros. */
function nrpeCommands(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of text.split('\n')) {
    expect(Buffer.byteLength(line)).toBeLessThan(2047);
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, name, command] = /^command\[([^\]]+)\]=(.*)$/.exec(line) ?? [];
    if (name === undefined || command === undefined) throw new Error(`not read by NRPE: ${line}`);
    const parts = command.split('$');
    expect(parts.length % 2).toBe(1);
    found[name] = parts.map((part, index) => (index % 2 === 0 ? part : part === '' ? '$' : `<macro ${part}>`)).join('');
  }
  return found;
}

/** The arguments that a program gets when `sh -c` runs the command. */
function argumentsOf(command: string): string[] {
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8', env: {} });
  expect(stderr).toBe('');
  return stdout.split('\0').slice(0, -1);
}

describe('the checks', () => {
  test('of the page and the service, by the options', () => {
    const options = optionsOf({
      nagios_index_path: '/login',
      nagios_index_content: "it's $5",
      nagios_index_status: 302,
    });
    expect(nrpeFile('wsgi_http', ownChecks(options, address).wsgi_http ?? fail(), 'wsgi/0')).toBe(
      `# Owner: wsgi/0
# Written by the charm of that unit, which writes it again when it is changed.
# page of the application
command[check_wsgi_http]=/usr/lib/nagios/plugins/check_http -I 127.0.0.1 -p 8080 -H localhost -u /login -e 302 -s 'it'\\''s $$5'
`,
    );
  });

  test('of verify, with a host name, status and content of its own', () => {
    const options = optionsOf({ verify_hostname: 'shop.example', verify_path: '/health', verify_content: 'ok' });
    expect(shellCommand(verifyChecks(options, address).webservice ?? fail())).toBe(
      "/usr/lib/nagios/plugins/check_http -I 127.0.0.1 -p 8080 -H shop.example -u /health -e '200 OK' -s ok",
    );
  });

  test('of an author, beside ours or in the place of ours', () => {
    const disk = { description: 'free disk', command: ['check_disk', '-c', '10%'] } as const;
    const page = {
      description: 'login page',
      command: checkHttp({ address, hostName: 'x', path: '/', status: '200', content: '' }),
    };
    const checks = withAuthors(ownChecks(optionsOf({}), address), { disk, wsgi_http: page });
    expect(Object.keys(checks)).toEqual(['wsgi_http', 'wsgi_service', 'disk']);
    expect(checks.wsgi_http).toBe(page);
    expect(() => withAuthors({}, { '../x': disk })).toThrow('a check cannot be called "../x"');
  });

  test('are told to the subordinate', () => {
    expect(load(monitorsYaml(ownChecks(optionsOf({}), address)))).toEqual({
      version: '0.3',
      monitors: {
        remote: {
          nrpe: { wsgi_http: { command: 'check_wsgi_http' }, wsgi_service: { command: 'check_wsgi_service' } },
        },
      },
    });
  });

  test('are exported for a Nagios server', () => {
    const check = { description: 'one; two\nthree', command: ['check_x'] } as const;
    expect(exportFile('x', check, { ...host, groups: ['a', 'b'] })).toBe(
      `# Owner: wsgi/0
# Written by the charm of that unit, which writes it again when it is changed.
define service {
    use                             active-service
    host_name                       juju-wsgi-0
    service_description             juju-wsgi-0[check_x] one two three
    check_command                   check_nrpe!check_x
    servicegroups                   a,b
}
`,
    );
  });

  test('have two files each', () => {
    expect([...monitoringFiles(verifyChecks(optionsOf({}), address), host).keys()]).toEqual([
      '/etc/nagios/nrpe.d/check_webservice.cfg',
      '/var/lib/nagios/export/service__juju-wsgi-0_check_webservice.cfg',
    ]);
  });
});

describe('the host', () => {
  const sources = { unit: 'wsgi/0', remote: {}, context: 'juju', groups: [] };
  test('is named after the context and the unit', () => expect(nagiosHost(sources)).toEqual(host));
  test('is named by the subordinate where it names one', () => {
    const remote = { nagios_hostname: 'prod-web-7', nagios_host_context: 'prod' };
    expect(nagiosHost({ ...sources, remote })).toEqual({
      owner: 'wsgi/0',
      hostName: 'prod-web-7',
      groups: ['prod'],
    });
  });
  test('is no path', () => {
    expect(nagiosHost({ ...sources, remote: { nagios_hostname: '../../etc/x' } }).hostName).toBe('juju-wsgi-0');
  });
  test('is in the groups of the option', () => {
    expect(nagiosHost({ ...sources, groups: ['web', 'prod'] }).groups).toEqual(['web', 'prod']);
  });
});

describe('no value of an option is ever read as code', () => {
  const line = fc
    .array(
      fc.oneof(
        fc.constantFrom(...'\'"\\`$!;|&<>()[]{}*?~#% =\t', '$(touch x)', '$ARG1$', '$$', 'é', '🚀'),
        fc.string({ unit: 'grapheme', maxLength: 3 }),
      ),
      {
        maxLength: 20,
      },
    )
    .map((parts) => parts.join('').replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ''));

  test('a program gets each argument as it is, through NRPE and sh', () => {
    // All in one shell a run: printf prints each argument, ended by NUL.
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (args) => {
        const file = nrpeFile('x', { description: 'x', command: ['/usr/bin/printf', '%s\\0', ...args] }, 'wsgi/0');
        expect(argumentsOf(nrpeCommands(file).check_x ?? '')).toEqual(args);
      }),
      { numRuns: 300 },
    );
  });

  test('whatever the options take makes a check that NRPE holds', () => {
    const text = fc.oneof(
      line,
      fc.string({ unit: 'grapheme-ascii', maxLength: 600 }),
      fc.constantFrom("'".repeat(512), '$'.repeat(512), 'é'.repeat(256)),
    );
    const names = [
      'nagios_index_path',
      'nagios_index_content',
      'verify_path',
      'verify_content',
      'verify_status',
      'verify_hostname',
    ];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), text), (config) => {
        const { options } = parseOptions(config, { applicationRoot: '/srv' });
        if (options === undefined) return;
        const checks = { ...ownChecks(options, address), ...verifyChecks(options, address) };
        for (const [name, check] of Object.entries(checks)) {
          expect(nrpeCommands(nrpeFile(name, check, 'wsgi/0'))[`check_${name}`]).toBe(shellCommand(check));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('what NRPE cannot hold is an author’s mistake', () => {
    expect(() => nrpeFile('x', { description: 'x', command: ['a', 'b\nc'] }, 'wsgi/0')).toThrow(
      'the check x has a control character in it',
    );
    expect(() => nrpeFile('x', { description: 'x', command: ['a', 'b'.repeat(3000)] }, 'wsgi/0')).toThrow(
      'the check x is too long for NRPE',
    );
  });
});

function fail(): never {
  throw new Error('there is no such check');
}
