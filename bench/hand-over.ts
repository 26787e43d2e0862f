/**
 * The slowest request while the application is started anew, by each kind of change, beside `systemctl restart` by hand and
 * gunicorn's own way to replace itself: on a machine with a real systemd, so it needs root. Applications that take 0, 3 and 10 s to start.
 */
import { loadedApplication, startMixedLoad } from '../test/load/mixed-load.ts';
import { NOT_ROOT, outputOf, packedCharm, realModel } from '../test/setup/real-machines.ts';
import { archiveOf } from '../test/setup/wsgi-model.ts';
import { table, targets } from './support/report.ts';

const STARTS = [0, 3, 10];
const SETTLE = 2;
const PORT = 8000;
/** Requests a second. */
const RATE = 60;
const QUIET = 'nothing';
const BY_HAND = 'systemctl restart by hand';
const USR2 = "gunicorn's USR2, without systemd";
/** Where gunicorn listens that systemd knows nothing of: under systemd the service ends with its first process. */
const OWN_PORT = 8001;

interface Measured {
  readonly start: number;
  readonly what: string;
  readonly failed: number;
  /** Seconds. */
  readonly slowest: number;
  readonly hook: number;
}

export async function report(): Promise<string> {
  if (NOT_ROOT) return '## A change under load\n\nLeft out: it needs root.';
  const all: Measured[] = [];
  for (const start of STARTS) all.push(...(await measure(start)));
  const rows = all.map(({ start, what, failed, slowest, hook }) => [
    `${start} s: ${what}`,
    failed,
    slowest.toFixed(3),
    hook.toFixed(1),
  ]);
  const ours = all.filter(({ what }) => ![QUIET, BY_HAND, USR2].includes(what));
  const quiet = (start: number) => all.find((one) => one.start === start && one.what === QUIET)?.slowest ?? 0;
  return [
    '## A change under load',
    'Seconds of the slowest request, and of the hook.',
    table(['start: change', 'failed', 'slowest', 'hook'], rows),
    targets([
      { what: 'failed requests', measured: Math.max(...ours.map(({ failed }) => failed)), most: 0 },
      {
        what: 'slowest request over that of a quiet run, s',
        measured: Math.max(...ours.map(({ start, slowest }) => slowest - quiet(start))),
        most: 0.1,
      },
      {
        what: 'hook over start + settle_time + 2 s',
        measured: Math.max(...ours.map(({ start, hook }) => hook / (start + SETTLE + 2))),
        most: 2,
      },
    ]),
  ].join('\n\n');
}

async function measure(start: number): Promise<Measured[]> {
  const model = await realModel();
  try {
    const build = (label: string) =>
      archiveOf({ 'wsgi.py': loadedApplication(label, `time.sleep(${start})`), BUILD_LABEL: label });
    await model.deploy(await packedCharm(), {
      application: 'wsgi',
      config: { port: String(PORT), workers: '2', worker_class: 'gthread', threads: '4', settle_time: String(SETTLE) },
      resources: { build: await build('one') },
    });
    const machine = await model.machine('0');
    const changes: Record<string, () => Promise<unknown>> = {
      [QUIET]: () => outputOf(machine, 'sleep 10'),
      'an option': () => model.config('wsgi', { environment_variables: 'GREETING=hello' }),
      'a build': async () => model.attachResource('wsgi', 'build', await build('two')),
      'the build before': () => model.config('wsgi', { build_label: 'one' }),
      'the action restart': () => model.run('wsgi/0', 'restart'),
      [BY_HAND]: () => outputOf(machine, 'systemctl restart gunicorn3.service'),
      [USR2]: () => outputOf(machine, replaceByUsr2(start)),
    };
    await outputOf(machine, startAlone(start));
    const measured: Measured[] = [];
    for (const [what, change] of Object.entries(changes)) {
      const port = what === USR2 ? OWN_PORT : PORT;
      const load = startMixedLoad(await model.unit('wsgi/0').endpoint(port), RATE);
      const began = performance.now();
      await change();
      const hook = (performance.now() - began) / 1000;
      if (what === BY_HAND) await outputOf(machine, `sleep ${start + 1}`);
      const { failed, longest } = await load.stop();
      measured.push({ start, what, failed, slowest: longest, hook });
    }
    return measured;
  } finally {
    await model.destroy();
  }
}

/** Starts the same application with the same settings, as gunicorn's documentation has it. */
function startAlone(start: number): string {
  return [
    `venv=$(grep -o '/opt/gunicorn3/venvs/[0-9a-f]*' /etc/systemd/system/gunicorn3.service | head -n 1)`,
    'cd /srv/current',
    `"$venv/bin/python" -m gunicorn --daemon --pid /run/alone.pid --bind 0.0.0.0:${OWN_PORT} \\`,
    '  --workers 2 --worker-class gthread --threads 4 wsgi:application',
    `sleep ${start + 1}`,
  ].join('\n');
}

/** A second gunicorn on the same sockets, and the first one ends once the second has started. */
function replaceByUsr2(start: number): string {
  return [
    'old=$(cat /run/alone.pid)',
    'kill -USR2 "$old"',
    `sleep ${start + 1}`,
    'kill -TERM "$old"',
    'while kill -0 "$old" 2>/dev/null; do sleep 0.1; done',
  ].join('\n');
}
