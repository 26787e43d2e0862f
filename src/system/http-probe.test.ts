import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { probe } from './http-probe.ts';

let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

/** A server that does this with each connection. */
async function serve(answer: (socket: Socket) => void): Promise<number> {
  server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    answer(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const ask = (port: number, timeout = 10, path = '/') => probe({ host: '127.0.0.1', port, path, timeout });

test.each([200, 302, 404, 500])('the status %i is an answer, before its body is there', async (status) => {
  const port = await serve((socket) => socket.write(`HTTP/1.1 ${status} X\r\nContent-Length: 99\r\n\r\n`));
  expect(await ask(port)).toEqual({ ok: true, status });
});

test('path and host reach the application', async () => {
  let head = '';
  const port = await serve((socket) =>
    socket.once('data', (data) => {
      head = data.toString();
      socket.end('HTTP/1.1 204 X\r\n\r\n');
    }),
  );
  expect(await probe({ host: '127.0.0.1', port, path: '/a ü\n?b=c%20', timeout: 10, hostname: 'example.com' })).toEqual(
    {
      ok: true,
      status: 204,
    },
  );
  expect(head).toMatch(/^GET \/a%20%C3%BC%0A\?b=c%20 HTTP\/1\.1\r\n/);
  expect(head).toContain('Host: example.com\r\n');
});

test.each([
  ['nothing is said', () => undefined, 'no answer within 0.2 s'],
  ['the connection is closed', (socket: Socket) => socket.end(), 'connection closed without an answer'],
  [
    'the protocol is to be switched',
    (socket: Socket) => socket.write('HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    'connection closed without an answer',
  ],
  ['something else speaks', (socket: Socket) => socket.end('220 smtp\r\n'), 'what answers does not speak HTTP'],
])('when %s, the reason says so', async (_, answer, reason) => {
  expect(await ask(await serve(answer), 0.2)).toEqual({ ok: false, reason });
});

test('a port where nobody listens refuses', async () => {
  const port = await serve(() => undefined);
  server?.close();
  expect(await ask(port)).toEqual({ ok: false, reason: 'connection refused' });
});
