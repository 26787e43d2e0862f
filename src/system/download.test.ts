import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DownloadOptions, download } from './download.ts';
import type { Machine } from './machine.ts';
import { createMachine } from './real-machine.ts';

const CONTENT = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
const SUM = createHash('sha256').update(CONTENT).digest('hex');

let root: string;
let machine: Machine;
const servers: Server[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'download-'));
  machine = createMachine(root);
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(root, { recursive: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that gives these answers, one after another, and the last for ever. */
async function serve(...answers: Answer[]): Promise<{ readonly url: string; readonly seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)];
    seen.push(request);
    answer?.(request, response);
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/r1/app.tar.gz`, seen };
}

const get = (url: string, options: DownloadOptions = {}) =>
  download(machine, url, '/in/archive', { retryAfter: 0, stallTimeout: 5, ...options });

const whole: Answer = (_, response) => response.writeHead(200, { etag: '"1"' }).end(CONTENT);
const status =
  (code: number): Answer =>
  (_, response) =>
    response.writeHead(code).end('no');
/** Sends so many bytes of the content, or of what is left of it, and then breaks off. */
const cut =
  (bytes: number, etag = '"1"'): Answer =>
  (_, response) => {
    response.writeHead(200, { etag, 'content-length': CONTENT.length });
    response.write(CONTENT.subarray(0, bytes), () => response.destroy());
  };
/** Honours Range and If-Range. */
const rest: Answer = ({ headers }, response) => {
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]);
  if (headers['if-range'] !== '"1"' || Number.isNaN(start)) return whole({ headers } as IncomingMessage, response);
  response.writeHead(206, { 'content-range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}`, etag: '"1"' });
  return response.end(CONTENT.subarray(start));
};

function expectWhole(result: unknown): void {
  expect(result).toEqual({ ok: true, sha256: SUM, bytes: CONTENT.length });
  expect(readFileSync(`${root}/in/archive`).equals(CONTENT)).toBe(true);
  expect(readdirSync(`${root}/in`)).toEqual(['archive']);
  expect(lstatSync(`${root}/in/archive`).mode & 0o777).toBe(0o600);
}

describe('a download', () => {
  test('is a file of root, checked, in one step', async () => {
    const { url } = await serve(whole);
    expectWhole(await get(url, { sha256: SUM.toUpperCase() }));
  });

  test('of unknown length is taken as well', async () => {
    const { url } = await serve((_, response) => {
      response.write(CONTENT.subarray(0, 1000));
      response.end(CONTENT.subarray(1000));
    });
    expectWhole(await get(url));
  });

  test('that breaks off goes on where it was', async () => {
    const { url, seen } = await serve(cut(100_000), rest);
    expectWhole(await get(url));
    expect(seen[1]?.headers.range).toMatch(/^bytes=[1-9]\d+-$/);
  });

  test('that breaks off begins again when the file has changed', async () => {
    const { url, seen } = await serve(cut(100_000, '"0"'), rest);
    expectWhole(await get(url));
    expect(seen[1]?.headers['if-range']).toBe('"0"');
  });

  test('begins again where nothing tells the file from another', async () => {
    const { url, seen } = await serve((_, response) => {
      response.writeHead(200, { etag: 'W/"1"', 'content-length': CONTENT.length });
      response.write(CONTENT.subarray(0, 1000), () => response.destroy());
    }, whole);
    expectWhole(await get(url));
    expect(seen[1]?.headers.range).toBeUndefined();
  });

  test('begins again when the server sends another part than asked for', async () => {
    const wrong: Answer = (_, response) =>
      response.writeHead(206, { 'content-range': `bytes 5-9/${CONTENT.length}` }).end('12345');
    const { url } = await serve(cut(100_000), wrong, whole);
    expectWhole(await get(url));
  });

  test('begins again when what is there is longer than the file', async () => {
    const { url } = await serve(cut(100_000), status(416), whole);
    expectWhole(await get(url));
  });

  test('of a hook that was killed is gone on with, for the same URL only', async () => {
    const first = await serve(cut(100_000));
    expect(await get(first.url, { retries: 0 })).toMatchObject({ ok: false, passing: true });
    expect(readdirSync(`${root}/in`).sort()).toEqual(['archive.partial', 'archive.partial.json']);
    const other = await serve(rest);
    expectWhole(await get(other.url));
    expect(other.seen[0]?.headers.range).toBeUndefined();
  });

  test('is gone on with by the next hook', async () => {
    const { url, seen } = await serve(cut(100_000), rest);
    await get(url, { retries: 0 });
    expectWhole(await get(url, { retries: 0 }));
    expect(seen[1]?.headers.range).toMatch(/^bytes=\d+-$/);
  });

  test('is tried again while the server has trouble', async () => {
    const { url, seen } = await serve(status(503), status(500), (request) => request.socket.destroy(), whole);
    expectWhole(await get(url));
    expect(seen).toHaveLength(4);
  });

  test('follows redirects, and takes user and password only to where they belong', async () => {
    const target = await serve(whole);
    const { url, seen } = await serve(
      (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
      (_, response) => response.writeHead(307, { location: target.url }).end(),
    );
    expectWhole(await get(url.replace('http://', 'http://us%65r:p%40ss@')));
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
    expect(seen[1]?.url).toBe('/elsewhere');
    expect(target.seen[0]?.headers.authorization).toBeUndefined();
  });

  test('goes through the proxy, unless the host is an exception', async () => {
    const target = await serve(whole);
    const proxy = await serve((_, response) => response.writeHead(200).end(CONTENT));
    const http = new URL(proxy.url.replace('//', '//user:pw@')).origin.replace('//', '//user:pw@');
    expectWhole(await get('http://nosuch.invalid/x', { proxies: { http } }));
    expect(proxy.seen[0]?.url).toBe('http://nosuch.invalid/x');
    expect(proxy.seen[0]?.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('user:pw').toString('base64')}`);
    expectWhole(await get(target.url, { proxies: { http, no: 'localhost,127.0.0.0/8' } }));
    expect(proxy.seen).toHaveLength(1);
  });

  test('asks a proxy for a tunnel only where there is TLS', async () => {
    const target = await serve(whole);
    const asked: string[] = [];
    const proxy = createServer().listen(0, '127.0.0.1');
    servers.push(proxy);
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const { port } = new URL(target.url);
      const through = connect(Number(port), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
      through
        .on('error', () => undefined)
        .pipe(socket.on('error', () => undefined))
        .pipe(through);
    });
    await once(proxy, 'listening');
    const address = proxy.address();
    const https = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    // What is at the other end speaks no TLS: that the tunnel was asked for is what counts.
    const result = await get('https://nosuch.invalid/x', { proxies: { https }, retries: 0 });
    expect(asked).toEqual(['nosuch.invalid:443']);
    expect(result).toMatchObject({ ok: false });
  });

  test('of a file URL is a copy', async () => {
    mkdirSync(`${root}/srv`);
    writeFileSync(`${root}/srv/a b`, CONTENT);
    expectWhole(await get('file:///srv/a%20b', { sha256: SUM }));
  });
});

describe('a download fails, and says why', () => {
  const failure = async (url: string, options: DownloadOptions = {}) => {
    const result = await get(url, options);
    expect(existsSync(`${root}/in/archive`)).toBe(false);
    return result.ok ? undefined : [result.reason, result.passing];
  };

  test.each([
    [404, 'there is no such file (404)', false],
    [401, 'the server wants a user and a password (401)', false],
    [403, 'the server forbids it (403)', false],
    [410, 'the server answers 410', false],
    [500, 'the server answers 500', true],
    [503, 'the server answers 503', true],
  ])('for status %i', async (code, reason, passing) => {
    const { url, seen } = await serve(status(code));
    expect(await failure(url, { retries: 2 })).toEqual([`${url}: ${reason}`, passing]);
    expect(seen).toHaveLength(passing ? 3 : 1);
  });

  test('without secrets of the URL', async () => {
    const { url } = await serve(status(404));
    const secret = `${url.replace('//', '//user:sesame@')}?token=sesame`;
    expect(await failure(secret)).toEqual([`${url}: there is no such file (404)`, false]);
  });

  test('when nothing comes', async () => {
    const { url } = await serve(() => undefined);
    expect(await failure(url, { stallTimeout: 0.2, retries: 1 })).toEqual([
      `${url}: nothing came for 0.2 s, after 0 bytes`,
      true,
    ]);
  });

  test('when nothing more comes', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 99 }).write('abc');
    });
    const [reason] = (await failure(url, { stallTimeout: 0.2, retries: 0 })) ?? [];
    expect(reason).toBe(`${url}: nothing came for 0.2 s, after 3 bytes`);
  });

  test('when it takes too long, however steadily it comes', async () => {
    const { url } = await serve((_, response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write('x'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await failure(url, { timeout: 0.5 })).toEqual([`${url}: it took longer than 0.5 s`, true]);
  });

  test('when it is too large, by what the server says or by what comes', async () => {
    const said = await serve(whole);
    const sentence = 'it is larger than 1000 bytes, which is the most that is taken';
    expect(await failure(said.url, { limit: 1000 })).toEqual([`${said.url}: ${sentence}`, false]);
    const unsaid = await serve((_, response) => {
      response.write(CONTENT.subarray(0, 900));
      response.end(CONTENT);
    });
    expect(await failure(unsaid.url, { limit: 1000 })).toEqual([`${unsaid.url}: ${sentence}`, false]);
    expect(readdirSync(`${root}/in`)).toEqual([]);
  });

  test('when it is not what was asked for, and does not go on with that', async () => {
    const { url } = await serve(whole);
    const [reason, passing] = (await failure(url, { sha256: '0'.repeat(64) })) ?? [];
    expect(reason).toBe(`${url}: its SHA-256 is ${SUM}, and not ${'0'.repeat(64)}`);
    expect(passing).toBe(false);
    expect(readdirSync(`${root}/in`)).toEqual([]);
  });

  test('when nobody listens', async () => {
    const { url } = await serve(whole);
    const closed = servers.pop();
    closed?.close();
    expect(await failure(url, { retries: 0 })).toEqual([`${url}: connection refused`, true]);
  });

  test('when the host does not exist', async () => {
    const [reason, passing] = (await failure('http://nosuch.invalid/x', { retries: 0 })) ?? [];
    expect(reason).toMatch(/^http:\/\/nosuch\.invalid\/x: (?:there is no such host|names cannot be resolved)$/);
    expect(passing).toBe(true);
  });

  test('when it is redirected for ever, or to a file', async () => {
    const { url } = await serve((request, response) => response.writeHead(302, { location: request.url }).end());
    expect(await failure(url)).toEqual([`${url}: it is redirected too often`, false]);
    const file = await serve((_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    expect(await failure(file.url)).toEqual([`${file.url}: it is redirected to what is no http or https URL`, false]);
  });

  test.each([
    ['ftp://host/x', 'it is not a http, https or file URL'],
    ['nonsense', 'it is not a http, https or file URL'],
    ['file:///nosuch', '/nosuch: there is no such file on this machine'],
    ['file://host/x', '/x: a file URL names no host; write three slashes'],
    ['file:///', '/: it is not a file'],
  ])('for %s', async (url, reason) => {
    expect(await failure(url)).toEqual([reason, false]);
  });

  test('to the caller, where the disk does not take it', async () => {
    const { url } = await serve(whole);
    mkdirSync(`${root}/in/archive.partial`, { recursive: true });
    await expect(get(url)).rejects.toThrow('/in/archive.partial');
  });
});
