/** A package index and a place for builds over HTTP, on loopback: it can break off half-way, and ask who is there. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { basename } from 'node:path';

export interface PackageIndex extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly authority: string;
  /** Whether downloads end after the first half. */
  breaksOff: boolean;
}

/**
 * @param files paths of what is served: each under its own name, and wheels also as the index `/simple/`
 * @param credentials `user:password` that every request must bring
 */
export async function packageIndex(files: readonly string[], credentials?: string): Promise<PackageIndex> {
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const byName = new Map(files.map((path) => [basename(path), path]));
  const server = createServer(async (request, response) => {
    if (wanted !== undefined && request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="index"' }).end();
      return;
    }
    const name =
      decodeURIComponent(request.url ?? '')
        .split('/')
        .findLast((part) => part !== '') ?? '';
    const path = byName.get(name);
    if (path === undefined) {
      const links = [...byName.keys()].filter((file) => file.startsWith(`${name.replaceAll('-', '_')}-`));
      response.writeHead(links.length > 0 ? 200 : 404, { 'content-type': 'text/html' });
      response.end(links.map((file) => `<a href="/${file}">${file}</a>`).join('\n'));
      return;
    }
    const bytes = await readFile(path);
    response.writeHead(200, { 'content-length': bytes.length });
    if (index.breaksOff) response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
    else response.end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const index: PackageIndex = {
    authority: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    breaksOff: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
  return index;
}
