/** What stands for the services of a test: an idle process with the service's environment, a server that answers for it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Clock } from '../../system/machine.ts';
import type { Service } from '../state.ts';
import { readUnit, serviceOf } from './unit-file.ts';

export interface StandIns {
  /** The process of an active service, started when first asked for. */
  pid(unit: string): number;
  /** Where a socket of systemd listens, as `127.0.0.1:PORT`. */
  address(socket: string): Promise<string>;
  /** Listens where a service binds a port itself. */
  listen(service: string): Promise<void>;
  stop(unit: string): Promise<void>;
  end(): Promise<void>;
}

/** Milliseconds for which a service that never answers keeps its asker waiting, who then asks again. */
const PATIENCE = 1000;

/** @param look what a unit is like now */
export function createStandIns(root: string, clock: Clock, look: (unit: string) => Service | undefined): StandIns {
  const processes = new Map<string, ChildProcess>();
  const servers = new Map<string, Server>();

  const serve = async (unit: string, service: string, port: number): Promise<Server> => {
    const server = createServer(async (_, response) => {
      const { active, http = 200 } = look(service) ?? { active: false };
      if (active && http !== 'silent') return void response.writeHead(http).end('answered by a test\n');
      // Whoever waits for an answer does so by the machine's clock, not by that of this computer.
      await clock.pause(PATIENCE);
      response.destroy();
    });
    servers.set(unit, server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const stop = async (unit: string): Promise<void> => {
    await ended(processes.get(unit));
    processes.delete(unit);
    const server = servers.get(unit);
    servers.delete(unit);
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };

  return {
    pid: (unit) => {
      const running = processes.get(unit) ?? idle(look(unit)?.environment ?? {});
      processes.set(unit, running);
      return running.pid ?? 0;
    },
    address: async (socket) => {
      const address = (servers.get(socket) ?? (await serve(socket, serviceOf(root, socket), 0))).address();
      return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    },
    listen: async (service) => {
      const port = /127\.0\.0\.1:(\d+)/.exec(readUnit(root, service).get('ExecStart')?.at(-1) ?? '')?.[1];
      if (port !== undefined) await serve(service, service, Number(port));
    },
    stop,
    end: async () => {
      for (const unit of new Set([...processes.keys(), ...servers.keys()])) await stop(unit);
    },
  };
}

/** Until it is waited for, it is still there to whoever looks at processes. */
async function ended(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Longer than any test, and gone with it at the latest then. */
const SECONDS = '600';

function idle(environment: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn('/bin/sleep', [SECONDS], { env: { ...environment }, stdio: 'ignore' });
  child.unref();
  return child;
}
