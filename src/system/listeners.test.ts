import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { whoListens } from './listeners.ts';
import { createMachine } from './real-machine.ts';

test.each(['127.0.0.1', '::1'])('the process that listens on %s is named, and nobody after it', async (host) => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await whoListens(createMachine(''), port)).toContain(`process ${process.pid})`);
  server.close();
  await once(server, 'close');
  expect(await whoListens(createMachine(''), port)).toBeUndefined();
});
