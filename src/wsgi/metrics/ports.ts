/** The ports of this machine at which requests are counted and metrics are shown. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import type { Relations } from '../relations/databags.ts';
import { blocked } from '../status.ts';

export interface ExporterPorts {
  /** UDP, where gunicorn's workers and the application send statsd's datagrams. */
  readonly statsd: number;
  /** TCP, where metrics are shown. */
  readonly listen: number;
}

/** Those of the exporter of the 12-factor charms, which applications may send to, and how many after each are tried. */
const STATSD = 9125;
const LISTEN = 9102;
const TRIED = 20;

const KEY = 'wsgi.exporter.ports';
const Ports = z.object({ statsd: z.number(), listen: z.number() });

/**
 * The ports, chosen where cos-agent is related and none were: gunicorn's command line names one, so that they stay.
 *
 * @throws Problem where all of them are taken
 */
export async function exporterPorts(data: Data, relations: Relations): Promise<ExporterPorts | undefined> {
  if (relations['cos-agent'].length === 0) return undefined;
  const known = Ports.safeParse(data.get(KEY));
  if (known.success) return known.data;
  const ports = { statsd: await firstFree(STATSD, takesDatagrams), listen: await firstFree(LISTEN, listens) };
  data.set(KEY, ports);
  return ports;
}

/** Others are chosen the next time. */
export function forgetPorts(data: Data): void {
  data.unset(KEY);
}

/** As gunicorn's setting statsd_host has it. */
export function statsdHost(ports: ExporterPorts | undefined): string | undefined {
  return ports && `127.0.0.1:${ports.statsd}`;
}

async function firstFree(first: number, isFree: (port: number) => Promise<boolean>): Promise<number> {
  for (let port = first; port < first + TRIED; port += 1) if (await isFree(port)) return port;
  return blocked(
    `cos-agent: the ports ${first} to ${first + TRIED - 1} of this machine are all taken; stop one of them`,
  );
}

async function takesDatagrams(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

async function listens(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
