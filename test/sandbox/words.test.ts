/** What the operator is told when something of an application fails, and how often it is tried. */
import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { outputOf } from '../setup/real-machines.ts';
import { archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const HELLO = "def application(environ, start_response):\n    start_response('200 OK', [])\n    return [b'hello']\n";

test('a module that is not there names the option and what was found; JSON logs tell the exception', async () => {
  await using model = await newModel();
  const build = await archiveOf({
    'app.py': HELLO.replace('application', 'app'),
    'mysite/wsgi.py': "import os\nos.environ['SECRET_KEY']\napplication = print()\n",
  });
  await deployWsgi(model, { log_format: 'json' }, { resources: { build } });
  expect((await statusOf(model)).message).toBe(
    'wsgi_module: wsgi:application is not in this build; found: app.py (app), mysite/wsgi.py (application)',
  );
  await model.config('wsgi', { wsgi_module: 'mysite.wsgi:application' });
  expect((await statusOf(model)).message).toMatch(/does not start: KeyError: 'SECRET_KEY'$/);
  await model.config('wsgi', { wsgi_module: 'app:app' });
  expect(await page(model)).toBe('hello');
});

test('a provision_command that fails runs once in a deploy, its output is in the logs, and the action runs the one set now', async () => {
  const ran = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-ran-')), 'ran');
  await writeFile(ran, '', { mode: 0o666 });
  await using model = await newModel();
  const build = await archiveOf({
    'wsgi.py': HELLO,
    'manage.py':
      "import os, sys\nprint('all is lost')\ntry:\n    os.environ['TOKEN_OF_SHOP']\nfinally:\n    sys.stderr.flush()\n",
  });
  const failing = `echo ran >>${ran}; chmod a+w ${ran}; echo "the $PASSWORD" >&2; python manage.py; code=$?; echo "Type 'manage.py help' for usage." >&2; exit $code`;
  await deployWsgi(
    model,
    { environment_variables: 'PASSWORD=hunter22', provision_command: failing },
    { resources: { build } },
  );
  expect((await statusOf(model)).message).toBe("provision_command: exit code 1: KeyError: 'TOKEN_OF_SHOP'");
  expect(await readFile(ran, 'utf8')).toBe('ran\n');
  const machine = await model.unit('wsgi/0').machine();
  for (const told of [
    model
      .log({})
      .map(({ message }) => message)
      .join('\n'),
    await outputOf(machine, "journalctl --no-pager -u 'gunicorn3-provision-*'"),
  ]) {
    expect(told).toContain('all is lost');
    expect(told).toContain('the ******');
    expect(told).not.toContain('hunter22');
  }
  await model.run('wsgi/0', 'provision').catch(() => undefined);
  expect(await readFile(ran, 'utf8')).toBe('ran\nran\n');

  await model.together(async () => {
    await model.config('wsgi', { provision_command: `echo new >>${ran}` });
    await model.run('wsgi/0', 'provision');
  });
  expect(await readFile(ran, 'utf8')).toMatch(/^ran\nran\n(?:new\n)+$/);
  expect(await page(model)).toBe('hello');
});

test('requirements that cannot be installed say why and what mends it, and are tried once', async () => {
  const marks = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-built-')), 'built');
  await writeFile(marks, '');
  await chmod(marks, 0o666);
  await using model = await newModel();
  const setup = `open('${marks}', 'a').write('built\\n')\nraise SystemExit('thing.c:1:10: fatal error: Python.h: No such file or directory')\n`;
  const build = await archiveOf({ 'wsgi.py': HELLO, 'thing/setup.py': setup, 'requirements.txt': './thing\n' });
  await deployWsgi(model, {}, { resources: { build } });
  expect((await statusOf(model)).message).toMatch(
    /^requirements: .* is built here and needs Python\.h: add python3-dev to apt_dependencies$/,
  );
  const once = await readFile(marks, 'utf8');
  await model.config('wsgi', { settle_time: '1' });
  expect(await readFile(marks, 'utf8')).toBe(once);
  expect(once).toBe('built\n');

  const locked = await archiveOf({ 'wsgi.py': 'import flask_of_no_one\n', 'uv.lock': '', BUILD_LABEL: 'locked' });
  await model.attachResource('wsgi', 'build', locked);
  expect((await statusOf(model)).message).toMatch(
    /No module named 'flask_of_no_one'; uv\.lock is there, which is not installed; make a requirements\.txt of it: uv export /,
  );
});
