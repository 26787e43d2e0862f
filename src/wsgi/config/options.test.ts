import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import configYaml from '../../../config.yaml';
import type { Config } from '../../juju/types.ts';
import { parseOptions, schema } from './options.ts';

const scope = { applicationRoot: '/srv' };
const { options: described } = z
  .strictObject({
    options: z.record(
      z.string(),
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('int'), default: z.int(), description: z.string().min(20) }),
        z.strictObject({ type: z.literal('string'), default: z.string(), description: z.string().min(20) }),
        z.strictObject({ type: z.literal('boolean'), default: z.boolean(), description: z.string().min(20) }),
      ]),
    ),
  })
  .parse(configYaml);

/** The one sentence that an option is refused with. */
function wrong(config: Config): string {
  const { options, problems } = parseOptions(config, scope);
  expect(options).toBeUndefined();
  expect(problems).toHaveLength(1);
  return problems.map(({ option, message }) => `${option}: ${message}`).join();
}

function right(config: Config) {
  const { options, problems } = parseOptions(config, scope);
  expect(problems).toEqual([]);
  if (options === undefined) throw new Error('unreachable');
  return options;
}

describe('config.yaml', () => {
  test('has exactly the options that are read, in the same order', () => {
    expect(Object.keys(schema(scope))).toEqual(Object.keys(described));
  });

  test('has the defaults that an absent option gets', () => {
    const defaults = Object.fromEntries(Object.entries(described).map(([name, option]) => [name, option.default]));
    expect(right(defaults)).toEqual(right({}));
  });

  test.each(Object.entries(described))('%s is of the type that is read', (name, option) => {
    const others = { int: '1', string: 1, boolean: 'true' } as const;
    expect(wrong({ [name]: others[option.type] })).toMatch(
      /is not a whole number|is not text|is neither true nor false/,
    );
  });

  test('has descriptions that Juju prints on one line', () => {
    for (const { description } of Object.values(described)) expect(description.trim()).not.toContain('\n');
  });
});

test('database_extensions takes a schema in both spellings that database charms read', () => {
  expect(right({ database_extensions: 'citext,unaccent:public, hstore(tools)' }).database_extensions).toEqual([
    'citext',
    'unaccent:public',
    'hstore(tools)',
  ]);
  expect(wrong({ database_extensions: 'hstore(tools' })).toMatch(/^database_extensions: "hstore\(tools" is not a name/);
});

describe('a value that is wrong is named, with what would be right', () => {
  test.each<[Config, string]>([
    [{ port: 0 }, 'port: 0 is not a TCP port; 1 to 65535 is right'],
    [{ port: 70000 }, 'port: 70000 is not a TCP port; 1 to 65535 is right'],
    [{ port: 80.5 }, 'port: 80.5 is not a TCP port; 1 to 65535 is right'],
    [{ port: 'http' }, 'port: "http" is not a whole number'],
    [
      { wsgi_module: 'a b:c' },
      'wsgi_module: "a b:c" is not a WSGI callable; MODULE:CALLABLE such as wsgi:application is right',
    ],
    [
      { wsgi_module: '--help' },
      'wsgi_module: "--help" is not a WSGI callable; MODULE:CALLABLE such as wsgi:application is right',
    ],
    [
      { wsgi_module: 'app/wsgi.py' },
      `wsgi_module: "app/wsgi.py" is a file; the module's dotted path is needed: MODULE:CALLABLE such as wsgi:application is right`,
    ],
    [
      { wsgi_application: 'app:api.wsgi' },
      'wsgi_application: "app:api.wsgi": gunicorn takes no dots in the callable; MODULE:CALLABLE such as wsgi:application is right',
    ],
    [{ provision_on: 'all' }, 'provision_on: "all" is not one of the choices; every or leader is right'],
    [{ provision_timeout: 0 }, 'provision_timeout: 0 is not a number of seconds in range; 1 to 86400 is right'],
    [
      { apt_dependencies: 'libpq5, curl' },
      'apt_dependencies: "libpq5," is not the name of a Debian package; separate the names by spaces',
    ],
    [
      { apt_dependencies: '-o x' },
      'apt_dependencies: "-o" is not the name of a Debian package; names such as libpq5 are right',
    ],
    [
      { apt_dependencies: 'curl-' },
      'apt_dependencies: "curl-" is not the name of a Debian package; names such as libpq5 are right',
    ],
    [{ requirements_path: '../x' }, 'requirements_path: "../x" has .. in it; name the folder itself'],
    [
      { requirements_path: '/x' },
      'requirements_path: "/x" begins with a slash; a path within the application is right',
    ],
    [
      { wsgi_logfile_path: 'x.log' },
      'wsgi_logfile_path: "x.log" does not begin with a slash; a path such as /srv is right',
    ],
    [
      { wsgi_logfile_path: '/etc/passwd' },
      'wsgi_logfile_path: "/etc/passwd" is not a file below /var/log or /srv; /var/log/NAME.log is right',
    ],
    [{ wsgi_logfile_path: '/var/log/../x' }, 'wsgi_logfile_path: "/var/log/../x" has .. in it; name the folder itself'],
    [
      { wsgi_logfile_path: '/var/log/a\nb' },
      'wsgi_logfile_path: "/var/log/a\\nb" has "\\n" in it; letters, digits and . _ - + @ , : = ~ are right',
    ],
    [{ log_format: 'xml' }, 'log_format: "xml" is not one of the choices; text or json is right'],
    [{ python: '3.9' }, 'python: "3.9" is too old or names no release; 3.10 or newer is right'],
    [
      { python: 'python3.12' },
      'python: "python3.12" is no Python; a path such as /usr/bin/python3.12 or a version such as 3.13 is right',
    ],
    [
      { worker_class: '-x' },
      'worker_class: "-x" is not a worker class; sync, gthread or a class in Python notation is right',
    ],
    [
      { forwarded_allow_ips: '10.0.0.1, proxy' },
      'forwarded_allow_ips: "proxy" is not an IP address; addresses or networks separated by commas, or *, are right',
    ],
    [
      { health_path: '/a b' },
      'health_path: "/a b" is not the path of a URL; percent-encode what is not a letter, digit or one of / . _ - ? = &',
    ],
    [
      { nagios_index_content: 'a\nb' },
      'nagios_index_content: "a\\nb" has a line break or control character in it; one line of plain text is right',
    ],
    [{ verify_hostname: 'a b' }, 'verify_hostname: "a b" is not a host name; a name such as localhost is right'],
    [{ build_label: '' }, 'build_label: is empty; letters, digits and . _ + ~ - are right, at most 64, such as r2'],
    [
      { build_label: '../r2' },
      'build_label: "../r2" is not a label; letters, digits and . _ + ~ - are right, at most 64, such as r2',
    ],
    [
      { build_label: 'latest' },
      'build_label: "latest" is the name of a link to a build; a build needs another label, such as r2',
    ],
    [
      { current_symlink: 'current' },
      'current_symlink: "current" is the link that this option moves; a label such as r2, or latest, is right',
    ],
    [
      { archive_filename: 'a/b.tgz' },
      'archive_filename: "a/b.tgz" is a path; a file name such as code_archive.tgz is right',
    ],
    [
      { archive_sha256: 'abc' },
      'archive_sha256: "abc" is not a SHA-256; its 64 hexadecimal digits, as sha256sum prints them, are right',
    ],
    [
      { code_assets_uri: 'ftp://x' },
      'code_assets_uri: "ftp:" is not a way to download; https://HOST/PATH, http:// or file:///PATH is right',
    ],
    [
      { update_make_target: 'X=1' },
      'update_make_target: "X=1" is not the name of a Makefile target; a name such as update is right',
    ],
    [
      { environment_variables: 'URL=/x?a=1&b=2' },
      'environment_variables: URL has an unquoted & in or after its value; put the value in quotes',
    ],
  ])('%j', (config, message) => expect(wrong(config)).toBe(message));

  test('all of them at once, in the order of config.yaml', () => {
    const { problems } = parseOptions({ build_label: '/', port: 0, workers: -1 }, scope);
    expect(problems.map(({ option }) => option)).toEqual(['port', 'workers', 'build_label']);
  });
});

describe('an alias', () => {
  test('wins when set, and what it stands for is not looked at', () => {
    const options = right({ wsgi_module: '!', wsgi_application: 'shop.wsgi:app', pip_cache_path: 'wheels' });
    expect(options.wsgi_module).toEqual({ module: 'shop.wsgi', callable: 'app' });
    expect(options.pip_cache_dir).toBe('wheels');
  });

  test('leaves things as they are when empty', () => {
    expect(right({ wsgi_module: 'a:b', wsgi_application: '' }).wsgi_module).toEqual({ module: 'a', callable: 'b' });
  });
});

test('values are read into what they mean', () => {
  const options = right({
    wsgi_module: 'shop:create_app("prod")',
    apt_dependencies: ' libpq5\n g++  libpq5 ',
    environment_variables: `A=1 B='two words'`,
    forwarded_allow_ips: '10.0.0.0/8, ::1 *',
    health_path: 'health?full=1',
    code_assets_uri: 'https://example.com/assets/',
    archive_sha256: 'AB'.repeat(32),
    wsgi_logfile_path: '/srv/logs//app.log',
    update_make_target: 'update static',
  });
  expect(options).toMatchObject({
    wsgi_module: { module: 'shop', callable: 'create_app("prod")' },
    apt_dependencies: ['libpq5', 'g++'],
    environment_variables: new Map([
      ['A', '1'],
      ['B', 'two words'],
    ]),
    forwarded_allow_ips: ['10.0.0.0/8', '::1', '*'],
    health_path: '/health?full=1',
    code_assets_uri: 'https://example.com/assets',
    archive_sha256: 'ab'.repeat(32),
    wsgi_logfile_path: '/srv/logs/app.log',
    update_make_target: ['update', 'static'],
    provision_command: undefined,
    pip_cache_dir: undefined,
  });
});

describe('whatever is given', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({ unit: 'grapheme-ascii', maxLength: 40 }),
    fc.constantFrom(
      'a'.repeat(1_200_000),
      'a.'.repeat(300_000),
      '('.repeat(90_000),
      `A=${'$('.repeat(50_000)}`,
      '\0',
      '',
      '/',
      ' ',
    ),
    fc.double(),
    fc.integer(),
    fc.boolean(),
  );

  test('is a value or a problem of that option, on one short line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(described)), anything, (name, value) => {
        const { options, problems } = parseOptions({ [name]: value }, scope);
        expect(options === undefined).toBe(problems.length > 0);
        for (const { option, message } of problems) {
          expect(option).toBe(name);
          expect(message).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029]/u);
          expect(message.length).toBeLessThan(400);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('no message holds a user-info, a command or a variable of the application', () => {
    const marked = 'hunter2secret';
    const spoilt = fc.tuple(
      fc.constantFrom(
        `https://u:${marked}@h`,
        `ftp://${marked}@h/`,
        `A='${marked}'`,
        `A=${marked}`,
        `"${marked}`,
        `cd; ${marked}`,
      ),
      fc.string({ unit: 'grapheme-ascii', maxLength: 6 }),
    );
    const names = fc.constantFrom('code_assets_uri', 'environment_variables', 'provision_command');
    fc.assert(
      fc.property(names, spoilt, (name, [secret, end]) => {
        const { problems } = parseOptions({ [name]: secret + end }, scope);
        expect(JSON.stringify(problems)).not.toContain(marked);
      }),
      { numRuns: 2000 },
    );
  });
});
