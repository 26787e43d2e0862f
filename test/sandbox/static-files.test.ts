/** The option static_files: assets of all builds on a unit, answered by gunicorn's workers beside the application. */
import { once } from 'node:events';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { startTimedLoad } from '../load/timed-load.ts';
import { HAPROXY, whyNotInstalled } from '../servers/debian.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { answering, archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const HASH = { r1: '4d3c2b1a0f9e', r2: '9e8d7c6b5a4f' } as const;
const sheet = (build: 'r1' | 'r2') => `/static/app.${HASH[build]}.css`;
/** Of more than one packet, so that a part of it is one. */
const SCRIPT = `${'x'.repeat(70_000)}end`;

const ASGI = [
  'async def asgi(scope, receive, send):',
  "    if scope['type'] != 'http':",
  '        return',
  "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})",
  "    await send({'type': 'http.response.body', 'body': b'from the application'})",
  '',
].join('\n');

async function archive(build: 'r1' | 'r2'): Promise<string> {
  return archiveOf({
    'wsgi.py': answering("'from the application'") + ASGI,
    [`staticfiles/app.${HASH[build]}.css`]: `/* ${build} */`,
    'staticfiles/style.css': `/* style of ${build} */`,
    'staticfiles/big.js': SCRIPT,
    'staticfiles/.env': 'SECRET=1',
    'staticfiles/sub/.git/config': 'secret',
    'staticfiles/page.html': '<p>page</p>',
    'staticfiles/report.20240101.pdf': 'dated',
    'settings.py': 'SECRET = 1',
  });
}

/** A server with the builds r1 and r2, to be given as code_assets_uri. */
async function assets(): Promise<{ readonly uri: string } & AsyncDisposable> {
  const archives = { r1: await readFile(await archive('r1')), r2: await readFile(await archive('r2')) };
  const server = createServer(({ url }, response) => response.end(archives[url?.startsWith('/r1/') ? 'r1' : 'r2']));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    uri: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Asks as curl does: the path and the body as they are. */
async function ask(model: LocalModel, path: string, flags: readonly string[] = [], unit = 'wsgi/0'): Promise<Answer> {
  const { host, port } = await model.unit(unit).endpoint(8080);
  const { stdout } = await execa('curl', ['-si', '--path-as-is', ...flags, `http://${host}:${port}${path}`], {
    encoding: 'latin1',
    stripFinalNewline: false,
  });
  const [head = '', ...body] = stdout.split('\r\n\r\n');
  const [line = '', ...lines] = head.split('\r\n');
  const headers = new Headers(
    lines.map((each) => [each.slice(0, each.indexOf(':')), each.slice(each.indexOf(':') + 1)]),
  );
  return { status: Number(line.split(' ')[1]), headers, body: body.join('\r\n\r\n') };
}

const fill = (count: number, text: string): string[] => Array.from({ length: count }, () => text);

/** Something that asks for a path all the time, through HAProxy, or of wsgi/0 where HAProxy cannot be had. */
async function behindHaproxy(model: LocalModel) {
  const proxied = (await whyNotInstalled(HAPROXY)) === undefined;
  if (proxied) {
    await model.deploy(join(EXAMPLES, 'haproxy-provider'), { application: 'haproxy', config: { port: '8000' } });
    await model.integrate('haproxy:reverseproxy', 'wsgi:website');
  }
  const { host, port } = await (proxied ? model.unit('haproxy/0').endpoint(8000) : model.unit('wsgi/0').endpoint(8080));
  return (path: string) => {
    const load = startTimedLoad(`http://${host}:${port}${path}`, 20);
    return Object.assign(load, {
      /** What was answered, each once; a request that failed says why. */
      bodies: async () => [...new Set((await load.stop()).requests.map(({ body, why }) => body ?? `${why}`))],
    });
  };
}

const STATIC = { static_files: '/static/=staticfiles' } as const;

test('a page of either build finds its style sheet on every unit, all through a rolling upgrade', async () => {
  await using server = await assets();
  await using model = await newModel();
  await deployWsgi(model, { ...STATIC, code_assets_uri: server.uri }, { units: 3 });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
  const proxied = await behindHaproxy(model);
  const found = async (build: 'r1' | 'r2') => {
    const answers = await Promise.all(model.units('wsgi').map((unit) => ask(model, sheet(build), [], unit)));
    return answers.map(({ body }) => body);
  };
  expect(await found('r1')).toEqual(fill(3, '/* r1 */'));
  await using old = proxied(sheet('r1'));

  const both = async () => {
    expect(await found('r1')).toEqual(fill(3, '/* r1 */'));
    expect(await found('r2')).toEqual(fill(3, '/* r2 */'));
  };
  await model.config('wsgi', { current_symlink: 'r1', build_label: 'r2' });
  await both();
  await using next = proxied(sheet('r2'));
  await model.run('wsgi/0', 'set-current-symlink', { label: 'r2' });
  expect((await statusOf(model)).message).toBe('serving r2 on port 8080');
  await both();
  // A name that both have is that of the build which serves.
  expect((await ask(model, '/static/style.css', [], 'wsgi/0')).body).toBe('/* style of r2 */');
  expect((await ask(model, '/static/style.css', [], 'wsgi/1')).body).toBe('/* style of r1 */');
  await model.config('wsgi', { current_symlink: 'r2' });
  await both();
  await model.config('wsgi', { current_symlink: 'r1' });
  await both();
  expect([await old.bodies(), await next.bodies()]).toEqual([['/* r1 */'], ['/* r2 */']]);
});

describe('each kind of worker', () => {
  test.for([
    ['sync', { worker_class: 'sync' }],
    ['gthread', { worker_class: 'gthread', threads: '4' }],
    ['asgi', { worker_class: 'asgi', wsgi_module: 'wsgi:asgi' }],
  ] as const)('%s', async ([, config]) => {
    await using model = await newModel();
    await deployWsgi(model, { ...STATIC, ...config }, { resources: { build: await archive('r1') } });
    const { rootOnHost } = await model.machine('0');
    const folder = join(rootOnHost, 'srv/current/staticfiles');
    await writeFile(join(folder, 'big.js.gz'), gzipSync(SCRIPT));
    await symlink('../settings.py', join(folder, 'out.py'));
    await symlink('style.css', join(folder, 'alias.css'));

    expect(await page(model)).toBe('from the application');
    const css = await ask(model, sheet('r1'));
    expect(css).toMatchObject({ status: 200, body: '/* r1 */' });
    expect(css.headers.get('content-type')).toBe('text/css; charset="utf-8"');
    expect(css.headers.get('cache-control')).toBe('max-age=315360000, public, immutable');
    expect(css.headers.get('last-modified')).toMatch(/GMT$/);
    for (const path of ['/static/style.css', '/static/report.20240101.pdf']) {
      expect((await ask(model, path)).headers.get('cache-control')).toBe('max-age=60, public');
    }

    const etag = css.headers.get('etag') ?? '';
    expect(await ask(model, sheet('r1'), ['-H', `If-None-Match: ${etag}`])).toMatchObject({ status: 304, body: '' });
    const head = await ask(model, '/static/big.js', ['--head']);
    expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, String(SCRIPT.length), '']);

    const range = await ask(model, '/static/big.js', ['-H', 'Range: bytes=69999-']);
    expect([range.status, range.body, range.headers.get('content-range')]).toEqual([
      206,
      'xend',
      'bytes 69999-70002/70003',
    ]);
    const stale = await ask(model, '/static/big.js', ['-H', 'Range: bytes=69999-', '-H', 'If-Range: "other"']);
    expect([stale.status, stale.body.length]).toEqual([200, SCRIPT.length]);
    expect((await ask(model, '/static/big.js', ['-H', 'Range: bytes=70003-'])).status).toBe(416);
    expect((await ask(model, '/static/big.js', ['-H', 'Range: bytes=0-0'])).status).toBe(200);

    const packed = await ask(model, '/static/big.js', ['-H', 'Accept-Encoding: gzip']);
    expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
    expect(packed.body).toBe(gzipSync(SCRIPT).toString('latin1'));
    expect((await ask(model, '/static/alias.css')).body).toBe('/* style of r1 */');

    for (const path of [
      '/static/../settings.py',
      '/static/%2e%2e/settings.py',
      '/static//etc/passwd',
      '/static/.env',
      '/static/sub/.git/config',
      '/static/out.py',
      '/static/sub',
      '/static/absent.css',
      '/static/%00',
      `/static/${'a'.repeat(300)}`,
    ]) {
      expect([path, (await ask(model, path)).body]).toEqual([path, 'from the application']);
    }
  });
});

test('the option takes effect at once, and its end too; collectstatic may fill the folder', async () => {
  await using model = await newModel();
  const build = await archiveOf({
    'wsgi.py': answering("'from the application'"),
    Makefile: 'collect:\n\tmkdir -p collected && echo made > collected/made.css\n',
  });
  await deployWsgi(model, { update_make_target: 'collect' }, { resources: { build } });
  expect(await page(model, '/assets/made.css')).toBe('from the application');
  await model.config('wsgi', { static_files: '/assets/=collected' });
  expect(await page(model, '/assets/made.css')).toBe('made');
  await model.config('wsgi', { static_files: '/assets' });
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'static_files: "/assets" is not PREFIX=FOLDER; /static/=staticfiles is right',
  });
  expect(await page(model, '/assets/made.css')).toBe('made');
  await model.config('wsgi', { static_files: '' });
  expect(await page(model, '/assets/made.css')).toBe('from the application');
});

test("the application's own gunicorn.conf.py and WhiteNoise stay what they are", async () => {
  await using model = await newModel();
  const build = await archiveOf({
    'gunicorn.conf.py': "import os\ndef post_fork(server, worker):\n    os.environ['FORKED'] = 'yes'\n",
    'whitenoise.py': "whose = 'mine'\n",
    'wsgi.py': answering("os.environ['FORKED'] + ' ' + whitenoise.whose", 'import whitenoise'),
    'staticfiles/a.css': 'a',
  });
  await deployWsgi(model, STATIC, { resources: { build } });
  expect(await page(model)).toBe('yes mine');
  expect(await page(model, '/static/a.css')).toBe('a');
});
