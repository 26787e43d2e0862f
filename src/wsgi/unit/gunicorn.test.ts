import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultWorkers, given, same } from '../config/gunicorn-options.ts';
import { parseOptions } from '../config/options.ts';
import { toggle } from '../config/values.ts';
import { gunicornArguments, gunicornConfig, pythonString } from './gunicorn.ts';
import { type GunicornSetting, settingFlags, settingsOf, subordinateSettings } from './gunicorn-settings.ts';

function argumentsOf(
  config: Record<string, string | number | boolean>,
  more: { proxies?: string[]; bind?: string; statsd?: string } = {},
) {
  const { options } = parseOptions(config, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error('the options are right');
  const { proxies = [], bind, statsd } = more;
  return gunicornArguments({ python: '/venv/bin/python', config: '/etc/x.py', options, proxies, bind, statsd });
}

test('gunicorn is run as a module of the virtual environment, with every option', () => {
  const all = argumentsOf({ workers: 3, threads: 2, worker_class: 'gthread', wsgi_module: 'shop.wsgi', timeout: 60 });
  expect(all.join(' ')).toBe(
    '/venv/bin/python -m gunicorn.app.wsgiapp --config /etc/x.py --workers 3 --worker-class gthread --threads 2 --timeout 60 ' +
      '--graceful-timeout 30 --keep-alive 2 --max-requests 0 --max-requests-jitter 0 --forwarded-allow-ips 127.0.0.1 ' +
      '--worker-tmp-dir /dev/shm --error-logfile - shop.wsgi:application',
  );
});

test('a trial listens on a port of its own', () => {
  expect(argumentsOf({}, { bind: '127.0.0.1:5000' })).toContain('127.0.0.1:5000');
  expect(argumentsOf({})).not.toContain('--bind');
});

test('proxies are believed', () => {
  expect(argumentsOf({}, { proxies: ['10.0.0.1', '10.0.0.2'] })).toContain('10.0.0.1,10.0.0.2');
});

test('requests are counted where somebody asks', () => {
  expect(argumentsOf({}, { statsd: '127.0.0.1:9125' }).join(' ')).toContain(' --statsd-host 127.0.0.1:9125 ');
  expect(argumentsOf({})).not.toContain('--statsd-host');
});

test('requests are logged when asked for', () => {
  expect(argumentsOf({ access_log: true })).toContain('--access-logfile');
  expect(argumentsOf({})).not.toContain('--access-logfile');
});

describe('the number of workers, unless told', () => {
  const gigabyte = 2 ** 30;
  test.each([
    [1, 4 * gigabyte, 3],
    [4, 16 * gigabyte, 9],
    [64, 256 * gigabyte, 16],
    [8, gigabyte, 2],
    [2, gigabyte / 8, 1],
  ])('%i processors and %i bytes', (processors, memory, workers) => {
    expect(defaultWorkers(processors, memory)).toBe(workers);
  });
});

test('quotes, backslashes and everything beyond ASCII are escaped', () => {
  expect(pythonString('it\'s "5" \\ é 🚀\n')).toBe(`'it\\'s "5" \\\\ \\U000000e9 \\U0001f680\\U0000000a'`);
});

test('Python reads back what was written, whatever it is', () => {
  const texts = fc.sample(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...'\'"\\\n{}$u0N')).map((all) => all.join('')),
    ),
    2000,
  );
  const program = `import json, sys\nprint(json.dumps([\n${texts.map((text) => `${pythonString(text)},\n`).join('')}]))`;
  const { stdout, stderr } = spawnSync('python3', ['-I', '-'], { input: program, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(texts);
});

describe('an option that is a switch of gunicorn', () => {
  const { options } = parseOptions({}, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error('the options are right');
  const table = { preload_app: given(toggle(false), { flag: '--preload', on: same }) };
  const input = (preload_app: boolean) => ({ options: { ...options, preload_app }, proxies: [], statsd: undefined });
  const rows = settingsOf(table);

  test('takes one row: it is read as the boolean of config.yaml', () => {
    expect(table.preload_app.safeParse(true)).toMatchObject({ success: true, data: true });
    expect(table.preload_app.safeParse('yes').error?.issues[0]?.message).toBe('"yes" is neither true nor false');
  });

  test('is one word of the command line where it is on, and none where it is off', () => {
    expect(settingFlags(input(true), rows)).toEqual(['--preload']);
    expect(settingFlags(input(false), rows)).toEqual([]);
  });

  test('is True or False in the configuration file that a subordinate reads', () => {
    const config = (on: boolean) =>
      gunicornConfig({ logFormat: 'text', settings: subordinateSettings(input(on), rows) });
    expect(config(true)).toContain('preload_app = True');
    expect(config(false)).toContain('preload_app = False');
  });

  test('lacks no part of its row', () => {
    const rows = [
      given(toggle(false), { flag: '--preload', on: same }),
      // @ts-expect-error: its flag
      given(toggle(false), { on: same }),
      // @ts-expect-error: whether it is on, or its value
      given(toggle(false), { flag: '--preload' }),
      // @ts-expect-error: a switch has no value of its own
      given(toggle(false), { flag: '--preload', value: same }),
    ];
    expect(rows).toHaveLength(4);
  });
});

describe('a row of the table of settings', () => {
  const { options } = parseOptions({}, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error('the options are right');
  const preload = (on: boolean): GunicornSetting => ({
    kind: 'switch',
    option: 'none',
    setting: 'preload_app',
    flag: '--preload',
    subordinate: 'reads ours',
    on: () => on,
  });
  const input = { options, proxies: [], statsd: '127.0.0.1:9125' };

  test('that is a switch is one word of the command line, and none where it is off', () => {
    expect(settingFlags(input, [preload(true)])).toEqual(['--preload']);
    expect(settingFlags(input, [preload(false)])).toEqual([]);
  });

  test('that is a switch is true or false for a subordinate', () => {
    const config = (on: boolean) =>
      gunicornConfig({ logFormat: 'text', settings: subordinateSettings(input, [preload(on)]) });
    expect(config(true)).toContain('preload_app = True');
    expect(config(false)).toContain('preload_app = False');
  });

  test('that a subordinate gives itself is not in its configuration', () => {
    expect(Object.keys(subordinateSettings(input))).not.toContain('errorlog');
    expect(settingFlags(input)).toContain('--error-logfile');
  });

  test('lacks no part', () => {
    const named = { option: 'none', setting: 'preload_app', flag: '--preload', subordinate: 'reads ours' } as const;
    const { option: _option, ...withoutOption } = named;
    const { setting: _setting, ...withoutSetting } = named;
    const { flag: _flag, ...withoutFlag } = named;
    const { subordinate: _subordinate, ...withoutSubordinate } = named;
    const rows: GunicornSetting[] = [
      { ...named, kind: 'switch', on: () => true },
      { ...named, kind: 'value', value: () => 1 },
      // @ts-expect-error: the option, or that there is none
      { ...withoutOption, kind: 'switch', on: () => true },
      // @ts-expect-error: gunicorn's name of the setting
      { ...withoutSetting, kind: 'switch', on: () => true },
      // @ts-expect-error: its flag
      { ...withoutFlag, kind: 'switch', on: () => true },
      // @ts-expect-error: where a subordinate has it from
      { ...withoutSubordinate, kind: 'switch', on: () => true },
      // @ts-expect-error: whether it is a value or a switch
      { ...named, on: () => true },
      // @ts-expect-error: when a switch is on
      { ...named, kind: 'switch' },
      // @ts-expect-error: the value
      { ...named, kind: 'value' },
    ];
    expect(rows).toHaveLength(9);
  });
});
