/** Whatever goes wrong in a hook that is no decision of a handler: the hook ends well and the next one finds its way. */
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeDirectory, readCharm } from '../../packages/charm-build/make.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';
import { authorCharm } from '../setup/author-charm.ts';
import { deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const HANDLERS = `import { EventEmitter } from 'node:events';
import { handler, hook } from 'layer-wsgi/reactive';

export const handlers = [
  handler('shop.mode', [hook('config-changed')], async ({ juju }) => {
    const mode = juju.config().mode;
    if (mode === 'throws') throw new Error('it is shut');
    if (mode === 'emits') setImmediate(() => new EventEmitter().emit('error', new Error('the pipe is shut')));
    if (mode === 'rejects') void Promise.reject(new Error('the door is shut'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Nothing keeps the process from ending meanwhile.
    if (mode === 'hangs') await new Promise(() => void Promise.reject(new Error('the shop is shut')));
  }),
];
`;

test('what no handler waits for is logged with the handler that ran, and the unit goes on', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-shop-')), 'shop');
  const choices = { architecture: ownArchitecture(), runtime: 'bundled' } as const;
  await makeDirectory(await readCharm(await authorCharm(HANDLERS)), folder, choices);
  await using model = await newModel();
  await model.deploy(folder, { application: 'shop' });
  const waiting = await statusOf(model, 'shop/0');
  expect(waiting.message).toMatch(/^no application yet/);
  const logged = (mode: string) => model.log({}).filter(({ message }) => message.includes(mode));
  for (const [mode, words] of [
    ['emits', 'the pipe is shut'],
    ['rejects', 'the door is shut'],
    ['hangs', 'the shop is shut'],
  ] as const) {
    await model.config('shop', { mode });
    expect(logged(words).map(({ level, message }) => [level, message])).toEqual([
      ['WARNING', expect.stringContaining(`in handler 'shop.mode': ${words}`)],
    ]);
    expect(await statusOf(model, 'shop/0')).toEqual(waiting);
  }
  expect(logged('hook failed')).toEqual([]);

  await model.config('shop', { mode: 'throws' }).catch(() => undefined);
  expect(logged("handler 'shop.mode' failed: it is shut (reactive/shop.ts:7)")).not.toEqual([]);
  expect(logged('entry.cjs')).toEqual([]);
});

/** How a server answers the requests for build r2, by what is shown. */
const ANSWERS: readonly (readonly [string, (socket: Socket) => void])[] = [
  [
    'a redirect with a body that never comes',
    (to) => to.write('HTTP/1.1 302 X\r\nLocation: /r2\r\nContent-Length: 9\r\n\r\n'),
  ],
  ['an error whose body is cut', (to) => to.end('HTTP/1.1 503 X\r\nContent-Length: 999999\r\n\r\nabc')],
  ['an error without an end', (to) => to.write(`HTTP/1.1 404 X\r\n\r\n${'x'.repeat(100_000)}`)],
  ['a reset', (to) => to.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', () => to.resetAndDestroy())],
  ['a chunk without a size', (to) => to.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n')],
  ['a lying range', (to) => to.end('HTTP/1.1 206 X\r\nContent-Range: bytes 0-2/9\r\nContent-Length: 3\r\n\r\nabc')],
  ['no archive', (to) => to.end('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc')],
];

test('a server that answers anything at all ends in a status, and the old build serves', async () => {
  let answer: ((socket: Socket) => void) | undefined;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', () => answer?.(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const uri = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  try {
    await using model = await newModel();
    await deployWsgi(model);
    for (const [index, [name, play]] of ANSWERS.entries()) {
      answer = play;
      const label = `r2-${index}`;
      const bounds = { download_stall_timeout: '1', download_timeout: '2' };
      await model.config('wsgi', { code_assets_uri: uri, build_label: label, ...bounds });
      const { current, message } = await statusOf(model);
      expect([name, current, message]).toEqual([
        name,
        expect.stringMatching(/^(?:waiting|blocked)$/),
        expect.stringMatching(new RegExp(`^build ${label}: [^\\n]{20,300}$`)),
      ]);
      expect(await page(model)).toBe('It works! Revision 1');
    }
    expect(model.log({}).filter(({ message }) => /hook failed|outside|in handler/.test(message))).toEqual([]);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});
