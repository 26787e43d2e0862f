import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseOptions } from '../config/options.ts';
import { defaultWorkers, gunicornArguments, pythonString } from './gunicorn.ts';

function argumentsOf(
  config: Record<string, string | number | boolean>,
  more: { proxies?: string[]; bind?: string } = {},
) {
  const { options } = parseOptions(config, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error('the options are right');
  const { proxies = [], bind } = more;
  return gunicornArguments({ python: '/venv/bin/python', config: '/etc/x.py', options, proxies, bind });
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
