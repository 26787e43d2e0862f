/** The model's end of the hook tools: one unix socket a unit, open while one of its hooks runs. */

import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Answer, Call } from '../hooktools/tool.ts';
import { TOOL_CLIENT } from './tool-client.ts';

/** Puts a tool under each name into a folder that goes before the machine's PATH; what is there already stays. */
export function installTools(dir: string, names: readonly string[]): void {
  if (hasTools(dir, names)) return;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'jujuc'), TOOL_CLIENT, { mode: 0o755 });
  for (const name of names) symlinkSync('jujuc', join(dir, name));
}

function hasTools(dir: string, names: readonly string[]): boolean {
  try {
    const there = readdirSync(dir).toSorted();
    return (
      there.join() === ['jujuc', ...names].toSorted().join() && readFileSync(join(dir, 'jujuc'), 'utf8') === TOOL_CLIENT
    );
  } catch {
    return false;
  }
}

/** Answers calls that come with the context id of the hook that runs; one left behind by an earlier hook is turned away. */
export async function serveTools(
  path: string,
  contextId: string,
  answer: (call: Call) => Answer,
): Promise<() => Promise<void>> {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  const server = createServer({ allowHalfOpen: true }, (socket) => void converse(socket, contextId, answer));
  const folder = openSync(dirname(path), 'r');
  // The name of a socket has 107 bytes at most; by way of its open folder it is short.
  await listen(server, `/proc/self/fd/${folder}/${basename(path)}`);
  return async () => {
    await new Promise((resolve) => server.close(resolve));
    closeSync(folder);
    rmSync(path, { force: true });
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, readableAll: true, writableAll: true }, resolve);
  });
}

async function converse(socket: Socket, contextId: string, answer: (call: Call) => Answer): Promise<void> {
  socket.on('error', () => socket.destroy());
  try {
    const { context, call } = decode(await buffer(socket));
    const unknown: Answer = {
      code: 1,
      stdout: '',
      stderr: `ERROR bad request: unknown context ${JSON.stringify(context)}\n`,
    };
    socket.end(encode(context === contextId ? answer(call) : unknown));
  } catch (error) {
    socket.end(
      encode({ code: 1, stdout: '', stderr: `ERROR ${error instanceof Error ? error.message : String(error)}\n` }),
    );
  }
}

function decode(request: Buffer): { readonly context: string; readonly call: Call } {
  const fields = fieldsOf(request);
  const [context = '', tool = '', stdin = '', count = '0', ...rest] = fields;
  const files = new Map<string, string>();
  const given = rest.slice(Number(count));
  for (let i = 0; i + 1 < given.length; i += 2) files.set(given[i] ?? '', given[i + 1] ?? '');
  const readFile = (path: string): string => {
    const file = files.get(path) ?? '-no such file or directory';
    if (file.startsWith('+')) return file.slice(1);
    throw new Error(file.slice(1));
  };
  return { context, call: { tool, argv: rest.slice(0, Number(count)), stdin, readFile } };
}

function fieldsOf(request: Buffer): string[] {
  const count = request.length >= 4 ? request.readUInt32BE(0) : 0;
  const fields: string[] = [];
  let at = 4;
  for (let i = 0; i < count; i++) {
    const length = request.readUInt32BE(at);
    fields.push(request.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

function encode({ code, stdout, stderr }: Answer): Buffer {
  const [out, err] = [Buffer.from(stdout), Buffer.from(stderr)];
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  return Buffer.concat([number(code), number(out.length), out, number(err.length), err]);
}
