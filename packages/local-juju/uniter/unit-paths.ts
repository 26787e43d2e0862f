/** Where a unit's things are: Juju's own layout under /var/lib/juju of the machine. */

import { join } from 'node:path';
import type { LocalMachine } from '../machine.ts';

export interface UnitPaths {
  readonly charm: string;
  readonly tools: string;
  readonly socket: string;
  readonly resources: string;
  readonly agent: string;
  /** Scripts of exec, while they run. */
  readonly scripts: string;
}

const DATA = '/var/lib/juju';

/** As processes on the machine see them. */
export function seenPaths(machine: LocalMachine, unit: string): UnitPaths {
  return pathsUnder(machine.seenPath(DATA), unit);
}

/** As this host sees them. */
export function hostPaths(machine: LocalMachine, unit: string): UnitPaths {
  return pathsUnder(join(machine.rootOnHost, DATA), unit);
}

function pathsUnder(data: string, unit: string): UnitPaths {
  const tag = `unit-${unit.replace('/', '-')}`;
  const agent = `${data}/agents/${tag}`;
  return {
    agent,
    charm: `${agent}/charm`,
    tools: `${data}/tools/${tag}`,
    socket: `${agent}/agent.socket`,
    resources: `${agent}/resources`,
    scripts: `${data}/exec`,
  };
}
