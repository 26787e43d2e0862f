import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { answering, archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const UNITS = ['wsgi/0', 'wsgi/1', 'wsgi/2'];

async function revisions(model: LocalModel): Promise<string[]> {
  return Promise.all(UNITS.map(async (unit) => (await page(model, '/', { unit })).replace('It works! Revision ', '')));
}

test('a rolling upgrade as in the document: prepared everywhere, tried on one unit, then on all, and back', async () => {
  await using model = await newModel();
  await deployWsgi(model, {}, { units: 3 });
  expect(await revisions(model)).toEqual(['1', '1', '1']);

  await model.config('wsgi', { current_symlink: 'r1', build_label: 'r2' });
  expect(await revisions(model)).toEqual(['1', '1', '1']);
  const { rootOnHost } = await model.machine('0');
  expect(existsSync(join(rootOnHost, 'srv/r2'))).toBe(true);
  expect([readlinkSync(join(rootOnHost, 'srv/current')), readlinkSync(join(rootOnHost, 'srv/latest'))]).toEqual([
    'r1',
    'r2',
  ]);

  const moved = await model.run('wsgi/0', 'set-current-symlink', { label: 'r2' });
  expect(moved.tasks).toMatchObject([{ status: 'completed' }]);
  expect(await revisions(model)).toEqual(['2', '1', '1']);
  expect(readlinkSync(join(rootOnHost, 'srv/current'))).toBe('r2');

  const byHand = await model.exec('wsgi/1', 'CURRENT_SYMLINK=r2 actions/set-current-symlink');
  expect(byHand.tasks).toMatchObject([{ status: 'completed' }]);
  expect(await revisions(model)).toEqual(['2', '2', '1']);

  // The override of a unit outlives other hooks, until current_symlink changes.
  await model.config('wsgi', { environment_variables: 'A=1' });
  await model.advance('5m');
  expect(await revisions(model)).toEqual(['2', '2', '1']);

  await model.config('wsgi', { current_symlink: 'r2' });
  expect(await revisions(model)).toEqual(['2', '2', '2']);

  const before = model.log({}).length;
  await model.config('wsgi', { current_symlink: 'r1' });
  expect(await revisions(model)).toEqual(['1', '1', '1']);
  const since = model
    .log({})
    .slice(before)
    .map(({ message }) => message);
  expect(since.filter((message) => /^(Collecting|Downloading|Looking in|Installing) /.test(message))).toEqual([]);
});

test('an action that cannot serve its build fails with a sentence, and is taken back', async () => {
  await using model = await newModel();
  await deployWsgi(model);
  await model.attachResource(
    'wsgi',
    'build',
    await archiveOf({ 'wsgi.py': "raise ImportError('half a build')\n", BUILD_LABEL: 'broken' }),
  );
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'build broken does not start: ImportError: half a build',
  });
  expect(await page(model)).toBe('It works! Revision 1');

  await model.config('wsgi', { current_symlink: 'r1' });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
  for (const [label, says] of [
    ['broken', 'build broken does not start: ImportError: half a build'],
    ['r99', 'there is no build r99 on this unit; installed: r1, broken'],
  ] as const) {
    const { tasks } = await model.run('wsgi/0', 'set-current-symlink', { label });
    expect(tasks).toMatchObject([{ status: 'failed', message: says }]);
    expect(await page(model)).toBe('It works! Revision 1');
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
  }
});

test('rollback goes to the build before, on one unit alone, and ends with the next release', async () => {
  await using model = await newModel();
  await deployWsgi(model, {}, { units: 2 });
  await model.config('wsgi', { build_label: 'r2' });
  const { tasks } = await model.run('wsgi/0', 'rollback');
  const line = 'serving r1 on port 8080; rolled back from r2 on this unit alone';
  expect(tasks).toMatchObject([{ status: 'completed', results: { result: line } }]);
  expect(await page(model, '/', { unit: 'wsgi/0' })).toBe('It works! Revision 1');
  expect(await page(model, '/', { unit: 'wsgi/1' })).toBe('It works! Revision 2');
  await model.config('wsgi', { environment_variables: 'A=1' });
  expect(await statusOf(model)).toEqual({ current: 'active', message: line });

  const again = await model.run('wsgi/0', 'rollback');
  expect(again.tasks).toMatchObject([
    { status: 'failed', message: expect.stringMatching(/^no build that served before r1 is installed on this unit/) },
  ]);
  expect(await statusOf(model)).toEqual({ current: 'active', message: line });

  const build = await archiveOf({ 'wsgi.py': answering("'the next'"), BUILD_LABEL: 'r3' });
  await model.attachResource('wsgi', 'build', build);
  expect(await page(model, '/', { unit: 'wsgi/0' })).toBe('the next');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r3 on port 8080' });
});

test('builds are kept as many as are needed; an old label becomes the latest again without a download', async () => {
  await using model = await newModel();
  await deployWsgi(model, { builds_to_keep: '1' });
  for (const label of ['a', 'b', 'c', 'd']) {
    const build = await archiveOf({ 'wsgi.py': answering(`'build ${label}'`), BUILD_LABEL: label });
    await model.attachResource('wsgi', 'build', build);
    expect(await page(model)).toBe(`build ${label}`);
  }
  const listed = await model.run('wsgi/0', 'list-builds');
  expect(listed.tasks[0]?.results).toMatchObject({ current: 'd', latest: 'd' });
  const { rootOnHost } = await model.machine('0');
  expect(['r1', 'a', 'b', 'c', 'd'].filter((label) => existsSync(join(rootOnHost, 'srv', label)))).toEqual([
    'b',
    'c',
    'd',
  ]);

  await model.config('wsgi', { build_label: 'b' });
  expect(await page(model)).toBe('build b');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving b on port 8080' });
});

test('what the application writes outlives builds: an upload in its home', async () => {
  const uploads = [
    'def application(environ, start_response):',
    "    path = os.path.expanduser('~/upload')",
    "    if environ['REQUEST_METHOD'] == 'POST':",
    "        open(path, 'wb').write(environ['wsgi.input'].read(int(environ['CONTENT_LENGTH'])))",
    "    start_response('200 OK', [])",
    "    return [open(path, 'rb').read() if os.path.exists(path) else b'nothing']",
    '',
  ].join('\n');
  const build = (label: string) => archiveOf({ 'wsgi.py': `import os\n${uploads}`, BUILD_LABEL: label });
  await using model = await newModel();
  await deployWsgi(model, {}, { resources: { build: await build('one') } });
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  await fetch(`http://${host}:${port}/`, { method: 'POST', body: 'kept', headers: { connection: 'close' } });
  await model.attachResource('wsgi', 'build', await build('two'));
  expect(await page(model)).toBe('kept');
  await model.config('wsgi', { current_symlink: 'one' });
  expect(await page(model)).toBe('kept');
});
