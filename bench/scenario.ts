/** What one event of a scenario test costs: a state in, the real handlers of the whole charm in this process, a state out. */
import {
  type Charm,
  type Event,
  loadCharm,
  relationJoined,
  run,
  type State,
  state,
} from '../packages/charm-testing/index.ts';
import { cpuTime, median, table, targets } from './support/report.ts';

interface Time {
  readonly cpu: number;
  readonly wall: number;
}

async function timeOf(charm: Charm, event: string | Event, world: State, runs: number): Promise<Time> {
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let count = -3; count < runs; count++) {
    const [cpuBefore, wallBefore] = [cpuTime(), performance.now()];
    await run(charm, event, world);
    if (count < 0) continue;
    cpu.push(cpuTime() - cpuBefore);
    wall.push(performance.now() - wallBefore);
  }
  return { cpu: median(cpu), wall: median(wall) };
}

export async function report(): Promise<string> {
  const charm = await loadCharm('.');
  const fresh = state({ unit: 'wsgi/0', config: { settle_time: 0 } });
  const installed = await run(charm, 'install', fresh);
  const served = await run(charm, 'config-changed', installed);
  const quiet = await timeOf(charm, 'update-status', served, 40);
  const config = await timeOf(charm, 'config-changed', served, 40);
  const related = state({
    ...served,
    relations: [{ id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } }],
  });
  const joined = await timeOf(charm, relationJoined('website:1', 'haproxy/0'), related, 20);
  const moved = state({ ...served, config: { ...served.config, port: 8080 } });
  const port = await timeOf(charm, 'config-changed', moved, 20);
  const install = await timeOf(charm, 'install', fresh, 10);
  const rows = Object.entries({
    'update-status, nothing changed': quiet,
    'config-changed, nothing changed': config,
    'website-relation-joined': joined,
    'config-changed of the port': port,
    'install, from an empty machine': install,
  }).map(([name, { cpu, wall }]) => [name, cpu.toFixed(1), wall.toFixed(1)]);
  return [
    '## One scenario event',
    table(['', 'CPU ms', 'wall ms'], rows),
    targets([
      { what: 'update-status: CPU ms', measured: quiet.cpu, most: 10 },
      { what: 'config-changed, nothing changed: CPU ms', measured: config.cpu, most: 10 },
    ]),
  ].join('\n\n');
}

if (import.meta.main) console.log(await report());
