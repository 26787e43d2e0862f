/** Every answer that a server can give to a download: a file, or a sentence; never an error that nobody catches. */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DownloadOptions, type DownloadResult, download } from './download.ts';
import { judge } from './download-answer.ts';
import type { Partial } from './download-partial.ts';
import { createMachine } from './real-machine.ts';

const CONTENT = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251));
const LIMIT = 100_000;

let root: string;
let server: Server | undefined;
const sockets = new Set<Socket>();
/** What nobody caught. */
const uncaught: unknown[] = [];
const note = (error: unknown) => void uncaught.push(error);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'answers-'));
  process.on('uncaughtException', note).on('unhandledRejection', note);
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  // Errors of streams come in later turns of the event loop.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  process.off('uncaughtException', note).off('unhandledRejection', note);
  rmSync(root, { recursive: true });
  expect(uncaught.splice(0)).toEqual([]);
});

/** Answers a request; `path` is what was asked for, `head` all of the request. */
type Play = (socket: Socket, path: string, head: string) => void;

/** A server that plays an answer for every request, whatever HTTP says. */
async function serve(play: Play): Promise<string> {
  server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.once('data', (data) => {
      const head = data.toString('latin1');
      play(socket, head.split(' ')[1] ?? '', head);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const get = (url: string, name: string, options: DownloadOptions = {}) =>
  download(createMachine(root), url, `/in/${name}`, {
    retryAfter: 0,
    retries: 0,
    stallTimeout: 0.1,
    timeout: 2,
    limit: LIMIT,
    ...options,
  });

/** For answers that are a file, however slow the machine is. */
const PATIENT = { stallTimeout: 20, timeout: 20 };

/** Sends chunks until the client goes. */
function flood(socket: Socket, chunk: Buffer): void {
  const more = () => {
    while (!socket.destroyed && socket.writable && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const length = (bytes: number | string) => `Content-Length: ${bytes}\r\n`;

/** How an answer goes on after its status line: `head` sends headers and the empty line. */
const ENDINGS: Readonly<Record<string, (socket: Socket, head: (headers: string) => void) => void>> = {
  'all of it': (socket, head) => {
    head(length(CONTENT.length));
    socket.write(CONTENT);
  },
  'a body that comes late': (socket, head) => {
    head(length(CONTENT.length));
    setTimeout(() => socket.writable && socket.write(CONTENT), 50);
  },
  'a body that never comes': (_, head) => head(length(CONTENT.length)),
  'a body without an end': (socket, head) => {
    head('');
    flood(socket, CONTENT);
  },
  'chunks without an end': (socket, head) => {
    head(CHUNKED);
    flood(socket, Buffer.concat([Buffer.from('1388\r\n'), CONTENT, Buffer.from('\r\n')]));
  },
  'a body that is larger than may be': (socket, head) => {
    head(length(LIMIT * 100));
    flood(socket, CONTENT);
  },
  'a body that is cut': (socket, head) => {
    head(length(CONTENT.length));
    socket.end(CONTENT.subarray(0, 1000));
  },
  'a reset within the body': (socket, head) => {
    head(length(CONTENT.length));
    socket.write(CONTENT.subarray(0, 1000), () => socket.resetAndDestroy());
  },
  'a reset within the head': (socket) => void setImmediate(() => socket.resetAndDestroy()),
  'a length that is too small': (socket, head) => {
    head(length(5));
    socket.end(CONTENT);
  },
  'a length that is no number': (socket, head) => {
    head(length('many'));
    socket.end(CONTENT);
  },
  'a length below zero': (socket, head) => {
    head(length(-1));
    socket.end(CONTENT);
  },
  'a length beyond all numbers': (socket, head) => {
    head(length('9'.repeat(40)));
    socket.end(CONTENT);
  },
  'two lengths': (socket, head) => {
    head(length(5) + length(9));
    socket.end(CONTENT);
  },
  'length and chunks': (socket, head) => {
    head(length(5) + CHUNKED);
    socket.end('5\r\nabcde\r\n0\r\n\r\n');
  },
  'a chunk without a size': (socket, head) => {
    head(CHUNKED);
    socket.end('zz\r\nabc\r\n');
  },
  'a chunk longer than it says': (socket, head) => {
    head(CHUNKED);
    socket.end('2\r\nabcdef\r\n0\r\n\r\n');
  },
  'a chunk that is cut': (socket, head) => {
    head(CHUNKED);
    socket.end('1388\r\nabc');
  },
  'no last chunk': (socket, head) => {
    head(CHUNKED);
    socket.end('3\r\nabc\r\n');
  },
  'an encoding nobody asked for': (socket, head) => {
    head(`Content-Encoding: br\r\n${length(CONTENT.length)}`);
    socket.end(CONTENT);
  },
  'an encoding that is none': (socket, head) => {
    head(`Content-Encoding: \x01\xff\r\n${length(CONTENT.length)}`);
    socket.end(CONTENT);
  },
  'a transfer encoding that is none': (socket, head) => {
    head('Transfer-Encoding: rot13\r\n');
    socket.end(CONTENT);
  },
  'a range that lies': (socket, head) => {
    head(`Content-Range: bytes 0-9/20\r\n${length(CONTENT.length)}`);
    socket.end(CONTENT);
  },
  'a head without an end': (socket) => flood(socket, Buffer.from(`X-A: ${'a'.repeat(1000)}\r\n`)),
  'a head of one long line': (socket) => flood(socket, Buffer.from('a'.repeat(1000))),
  'headers that are none': (socket) => socket.end('\x00\x01: :\n\n\r\r\n\r\n'),
};

const STATUSES = [
  '100 Continue',
  '101 Switching Protocols',
  '103 Early Hints',
  '199 X',
  '200 OK',
  '201 Created',
  '203 X',
  '204 No Content',
  '205 X',
  '206 Partial Content',
  '226 X',
  '300 Multiple Choices',
  '301 Moved',
  '302 Found',
  '304 Not Modified',
  '307 X',
  '308 X',
  '400 Bad Request',
  '401 X',
  '404 Not Found',
  '407 X',
  '416 X',
  '429 X',
  '451 X',
  '500 X',
  '502 X',
  '503 X',
  '504 X',
  '599 X',
  '999 X',
  '0 X',
  'nonsense',
];

/** A sentence that names the URL, in words, and shows no code of a library but HPE's in brackets. */
const SENTENCE = /^http:\/\/127\.0\.0\.1:\d+\/\S+: [a-z][^\n]{8,160}$/;

function expectSentence(result: DownloadResult, name = ''): void {
  expect(result.ok ? `a file: ${name}` : result.reason).toMatch(SENTENCE);
}

/** What HTTP takes for a whole file. */
const WHOLE: readonly string[] = ['all of it', 'a body that comes late', 'a range that lies'];
/** The file, or what stands behind it is seen first. */
const EITHER = 'a length that is too small';

test.each(['rot13', 'gzip, chunked'])('a body in the transfer encoding %s is no file, however it comes', (encoding) => {
  const partial = { length: 0, version: undefined } as Partial;
  expect(() => judge(200, { 'transfer-encoding': encoding }, partial)).toThrow('an encoding that was not asked for');
  expect(judge(200, { 'transfer-encoding': 'Chunked' }, partial)).toMatchObject({ kind: 'whole' });
});

describe.each(STATUSES)('after the status %s', (status) => {
  test('every answer is a file or a sentence', async () => {
    const names = Object.keys(ENDINGS);
    const url = await serve((socket, path) => {
      socket.write(`HTTP/1.1 ${status}\r\n`);
      ENDINGS[names[Number(path.slice(1))] ?? '']?.(socket, (headers) => socket.write(`${headers}\r\n`));
    });
    await Promise.all(
      names.map(async (name, index) => {
        const isFile = status === '200 OK' && WHOLE.includes(name);
        const result = await get(`${url}/${index}`, `file-${index}`, isFile ? PATIENT : {});
        if (status === '200 OK' && name === EITHER && result.ok) return;
        if (isFile) expect([name, result.ok]).toEqual([name, true]);
        else expectSentence(result, name);
      }),
    );
  });

  test('with a redirect, to itself or to the file, whatever comes behind it', async () => {
    const names = Object.keys(ENDINGS);
    const url = await serve((socket, path) => {
      const [, target = '', index = ''] = path.split('/');
      if (target === 'file') {
        socket.end(`HTTP/1.1 200 OK\r\n${length(CONTENT.length)}\r\n`);
        socket.write(CONTENT);
        return;
      }
      const location = target === 'loop' ? path : target === 'once' ? '/file' : 'ht!tp://[';
      socket.write(`HTTP/1.1 ${status}\r\nLocation: ${location}\r\n`);
      ENDINGS[names[Number(index)] ?? '']?.(socket, (headers) => socket.write(`${headers}\r\n`));
    });
    const isRedirect = /^30[1278]/.test(status);
    await Promise.all(
      names.flatMap((name, index) =>
        ['loop', 'once', 'nowhere'].map(async (target) => {
          const result = await get(`${url}/${target}/${index}`, `${target}-${index}`);
          if (result.ok)
            expect([
              isRedirect && target === 'once',
              status === '200 OK' && [...WHOLE, EITHER].includes(name),
            ]).toContain(true);
          else expectSentence(result);
        }),
      ),
    );
  });
});

describe('a part', () => {
  const HEAD = `ETag: "1"\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n`;
  const CUT = 1000;
  const OTHER = Buffer.alloc(CONTENT.length, 'x');

  /** Cuts the first answer, sends the second as told, and any further as a whole new file. */
  async function joined(first: string, second: (head: string) => string, body: Buffer): Promise<Buffer> {
    let asked = 0;
    const url = await serve((socket, _, head) => {
      asked++;
      if (asked === 1) {
        socket.write(`HTTP/1.1 200 OK\r\n${first}\r\n`);
        socket.end(CONTENT.subarray(0, CUT));
      } else if (asked === 2 && /\r\nrange: bytes=1000-/i.test(head)) {
        socket.write(`HTTP/1.1 206 Partial Content\r\n${second(head)}\r\n`);
        socket.end(body);
      } else {
        socket.write(`HTTP/1.1 200 OK\r\n${length(OTHER.length)}\r\n`);
        socket.end(OTHER);
      }
    });
    expect(await get(`${url}/file`, 'file', { retries: 3, ...PATIENT })).toMatchObject({ ok: true });
    return readFileSync(`${root}/in/file`);
  }

  const rest = CONTENT.subarray(CUT);
  const range = (from: number, to: number, total: number | string) => `Content-Range: bytes ${from}-${to}/${total}\r\n`;
  const right = `${HEAD}${range(CUT, 4999, 5000)}${length(rest.length)}`;

  test('is joined to what has the same ETag, date and length', async () => {
    expect((await joined(`${HEAD}${length(5000)}`, () => right, rest)).equals(CONTENT)).toBe(true);
  });

  test.each([
    ['another ETag', right.replace('"1"', '"2"')],
    ['a weak ETag', right.replace('"1"', 'W/"1"')],
    ['no ETag', right.replace(/ETag.*\r\n/, '')],
    ['another date', right.replace('2024', '2025')],
    ['no date', right.replace(/Last-Modified.*\r\n/, '')],
    ['another length', right.replace('/5000', '/6000')],
    ['an unknown length', right.replace('/5000', '/*')],
    ['another begin', right.replace('1000-', '999-')],
    ['an end before its begin', right.replace('-4999', '-10')],
    ['an end behind the file', right.replace('-4999', '-5999')],
    ['no range', right.replace(/Content-Range.*\r\n/, '')],
    ['several ranges', right.replace(/Content-Range.*\r\n/, 'Content-Type: multipart/byteranges; boundary=x\r\n')],
  ])('with %s is not joined', async (_, head) => {
    expect((await joined(`${HEAD}${length(5000)}`, () => head, rest)).equals(OTHER)).toBe(true);
  });

  test('that is longer than its range is not joined', async () => {
    const head = right.replace('-4999', '-1999').replace(length(rest.length), CHUNKED);
    const body = Buffer.concat([Buffer.from('fa0\r\n'), rest, Buffer.from('\r\n0\r\n\r\n')]);
    expect((await joined(`${HEAD}${length(5000)}`, () => head, body)).equals(OTHER)).toBe(true);
  });

  test('is not asked for by a date alone, where the length was not said', async () => {
    const dated = 'Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n';
    const chunk = `${dated}${CHUNKED}`;
    expect((await joined(chunk, () => right, rest)).equals(OTHER)).toBe(true);
  });
});
