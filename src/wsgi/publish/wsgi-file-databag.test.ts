import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { parseOptions } from '../config/options.ts';
import { NO_WSGI_FILE, wsgiFileConfig, wsgiFileDatabag } from './wsgi-file-databag.ts';

const { options } = parseOptions(
  { wsgi_module: 'shop.wsgi:app', workers: 3, port: 8000, environment_variables: 'TOKEN=hunter2' },
  { applicationRoot: '/srv' },
);
if (options === undefined) throw new Error('the options are right');

const databag = wsgiFileDatabag({
  project: 'shop',
  options,
  workingDirectory: '/srv/r1',
  pythonPath: ['/opt/venv/lib/python3.12/site-packages'],
  user: 'wsgi',
  group: 'web',
  config: '/etc/gunicorn3/wsgi-file.conf.py',
  logFile: '/var/log/wsgi.service.log',
  generation: 'abc',
});

test('the subordinate is told all that it needs, and no secret', () => {
  expect(databag).toEqual({
    project_name: 'shop',
    working_dir: '/srv/r1',
    python_path: '/srv/r1:/opt/venv/lib/python3.12/site-packages',
    wsgi_user: 'wsgi',
    wsgi_group: 'web',
    port: '8000',
    wsgi_access_logfile: '/dev/null',
    wsgi_wsgi_file: 'shop.wsgi:app',
    wsgi_extra: '--config=/etc/gunicorn3/wsgi-file.conf.py',
    env_extra: '',
    timestamp: 'abc',
  });
});

test('every key can be taken back', () => {
  expect(Object.keys(NO_WSGI_FILE)).toEqual(Object.keys(databag));
});

test('the configuration file gives gunicorn the settings and the environment', () => {
  const text = wsgiFileConfig(options, new Map([['TOKEN', 'it\'s "5" \\ é 🚀\n']]), ['10.0.0.1', '10.0.0.2']);
  const program = `import json\nscope = {}\nexec(compile(${JSON.stringify(text)}, 'x', 'exec'), scope)
print(json.dumps({key: scope[key] for key in ('raw_env', 'workers', 'forwarded_allow_ips', 'worker_class')}))`;
  const { stdout, stderr } = spawnSync('python3', ['-I', '-'], { input: program, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    raw_env: ['TOKEN=it\'s "5" \\ é 🚀\n'],
    workers: 3,
    forwarded_allow_ips: '10.0.0.1,10.0.0.2',
    worker_class: 'sync',
  });
});
