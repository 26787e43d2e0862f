/** What stands for the services of a test: an idle process with the service's environment, a server that answers for it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Clock } from '../../../src/system/index.ts';
import type { Service } from '../state.ts';
import { ended, type Idle, idle, park, takeParked } from './idle.ts';
import { readUnit, serviceOf } from './unit-file.ts';

export interface StandIns {
  /** The process of an active service, started when first asked for. */
  pid(unit: string): number;
  /** Where a socket of systemd listens, as `127.0.0.1:PORT`. */
  address(socket: string): Promise<string>;
  /** Listens where a service binds a port itself. */
  listen(service: string): Promise<void>;
  stop(unit: string): Promise<void>;
  /** Closes the servers; the processes of services that still run stay for the next run of the same world. */
  end(): Promise<void>;
}

/** Milliseconds for which a service that never answers keeps its asker waiting, who then asks again. */
const PATIENCE = 1000;

/** @param look what a unit is like now */
export function createStandIns(root: string, clock: Clock, look: (unit: string) => Service | undefined): StandIns {
  const processes = new Map<string, Idle>();
  const servers = new Map<string, Server>();

  const serve = async (unit: string, service: string, port: number): Promise<Server> => {
    const server = createServer(async (_, response) => {
      const { active, http = 200 } = look(service) ?? { active: false };
      if (active && http !== 'silent') return void response.writeHead(http).end('answered by a test\n');
      // A program that waits for an answer waits by the machine's clock, not by that of this computer.
      await clock.pause(PATIENCE);
      response.destroy();
    });
    servers.set(unit, server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const stop = async (unit: string): Promise<void> => {
    await ended(processes.get(unit) ?? takeParked(root, unit));
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
      const running = processes.get(unit) ?? idle(root, unit, look(unit)?.environment ?? {});
      processes.set(unit, running);
      return running.child.pid ?? 0;
    },
    address: async (socket) => {
      const address = (servers.get(socket) ?? (await serve(socket, serviceOf(root, socket), 0))).address();
      return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    },
    listen: async (service) => {
      const port = /--bind 127\.0\.0\.1:(\d+)/.exec(readUnit(root, service).get('ExecStart')?.at(-1) ?? '')?.[1];
      if (port !== undefined) await serve(service, service, Number(port));
    },
    stop,
    end: async () => {
      for (const [unit, running] of processes) await park(root, unit, running);
      processes.clear();
      for (const unit of servers.keys()) await stop(unit);
    },
  };
}
