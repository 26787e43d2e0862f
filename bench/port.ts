/** What a change of the port costs: a trial of nothing, but new sockets, a restart, a check, in the sandbox. */
import { loadCharm, run, state } from '../packages/charm-testing/index.ts';
import { measure } from './support/measure.ts';
import { table } from './support/report.ts';
import { withUnit } from './support/unit.ts';

export async function report(): Promise<string> {
  const { there, back, tools } = await withUnit(async (unit) => {
    for (const name of ['config-changed', 'update-status']) measure({ hook: unit.hook(name) }, 1);
    const costs = measure({ there: unit.hook('config-changed', 8081), back: unit.hook('config-changed', 8080) }, 5);
    unit.calls();
    measure({ there: unit.hook('config-changed', 8081) }, 1);
    return { there: costs.there, back: costs.back, tools: unit.calls() };
  });
  const programs = await programsOfPort();
  const rows = [there, back].flatMap((cost, index) =>
    cost === undefined
      ? []
      : [
          [
            index === 0 ? '8080 to 8081' : '8081 to 8080',
            cost.wall.toFixed(0),
            cost.cpu.toFixed(0),
            cost.memory.toFixed(0),
          ],
        ],
  );
  return [
    '## config-changed of the port',
    table(['', 'wall ms', 'CPU ms', 'peak MiB'], rows),
    [
      'In the sandbox, with real sockets, a real gunicorn and `settle_time=0`; CPU includes the stand-ins for systemctl and its',
      `like, which take most of it. It runs ${programs.length} programs of the system (${counted(programs)}) and ${tools.length} hook`,
      `tools (${counted(tools.map((line) => line.split(' ')[0] ?? ''))}).`,
    ].join('\n'),
  ].join('\n\n');
}

/** Programs that the same hook runs where a table of answers stands for them. */
async function programsOfPort(): Promise<string[]> {
  const charm = await loadCharm('.');
  const served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 } }));
  const after = await run(charm, 'config-changed', state({ ...served, config: { ...served.config, port: 8080 } }));
  return after.ran.map(({ program }) => program.replace(/^.*\//, ''));
}

function counted(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
}

if (import.meta.main) console.log(await report());
