import { close, open } from 'node:fs';
import { open as openFile, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Asks the machine's supervisor as a stand-in does: name and arguments out, frames of output and an exit code back.
 * Undefined when no supervisor is there.
 */
export async function ask(directory: string, name: string, ...args: readonly string[]): Promise<Answer | undefined> {
  // The path of a machine may be longer than the address of a socket can be: the folder's descriptor stands for it.
  const folder = await promisify(open)(join(directory, 'run'), 'r').catch(() => undefined);
  if (folder === undefined) return undefined;
  try {
    return await talk(`/proc/self/fd/${folder}/control`, [name, '/', ...args]);
  } finally {
    close(folder);
  }
}

function talk(path: string, fields: readonly string[]): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('error', () => resolve(undefined));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('end', () => {
      socket.destroy();
      resolve(decode(Buffer.concat(chunks)));
    });
    socket.end(fields.map((field) => `${field}\0`).join(''));
  });
}

function decode(data: Buffer): Answer | undefined {
  let [stdout, stderr, at] = ['', '', 0];
  while (at + 5 <= data.length) {
    const kind = data.toString('latin1', at, at + 1);
    const length = data.readUInt32BE(at + 1);
    const text = data.toString('utf8', at + 5, at + 5 + length);
    at += 5 + length;
    if (kind === 'x') return { code: Number(text), stdout, stderr };
    if (kind === 'o') stdout += text;
    else stderr += text;
  }
  return undefined;
}

/** The supervisor's process id, also of one that does not answer; undefined when none runs. */
export async function supervisorPid(directory: string): Promise<number | undefined> {
  const text = await readFile(join(directory, 'run/lock'), 'utf8').catch(() => '');
  const pid = Number(text);
  if (!text || !Number.isInteger(pid)) return undefined;
  const command = await openFile(`/proc/${pid}/cmdline`).then(
    async (file) => {
      const content = await file.readFile('utf8');
      await file.close();
      return content;
    },
    () => '',
  );
  return command.includes(directory) ? pid : undefined;
}
