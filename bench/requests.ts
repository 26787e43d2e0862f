/**
 * Requests a second of the served example, beside a gunicorn started by hand with the same worker settings: the same
 * virtual environment, code and options, but its own socket, no launcher in front and no configuration file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { median, table, targets } from './support/report.ts';
import { withUnit } from './support/unit.ts';

const SECONDS = 0.5;
const ROUNDS = 60;
const CONNECTIONS = 4;
const PORT = 18_080;
/** Where gunicorn by hand listens: beside an IPv6 socket, and alone. */
const BOTH = `127.0.0.1:${PORT}`;
const ONE = `127.0.0.1:${PORT + 1}`;
const MS_PER_TICK = 10;

interface Side {
  readonly name: string;
  readonly origin: string;
  /** Whether a command line is one of its processes'. */
  readonly isOwn: (command: string) => boolean;
  /** Requests a second, by round. */
  readonly rates: number[];
  requests: number;
  /** Clock ticks of processor time, of gunicorn and whatever is in front of it. */
  ticks: number;
}

export async function report(): Promise<string> {
  const sides = await withUnit(async ({ model, root }) => {
    const { host, port } = await model.unit('wsgi/0').endpoint(8080);
    const unit = readFileSync(join(root, 'etc/systemd/system/gunicorn3.service'), 'utf8');
    const byHand = [startByHand(unit, BOTH, `[::1]:${PORT}`), startByHand(unit, ONE)];
    const isOurs = (line: string) =>
      line.includes(join(root, 'opt/gunicorn3/venvs')) && !line.includes(BOTH) && !line.includes(ONE);
    const all = {
      ours: side('served by the charm', `http://${host}:${port}`, isOurs),
      both: side('gunicorn by hand, the same sockets', `http://${BOTH}`, (line) => line.includes(BOTH)),
      one: side('gunicorn by hand, IPv4 only', `http://${ONE}`, (line) => line.includes(ONE)),
    };
    try {
      for (const { origin } of Object.values(all)) await answers(origin);
      // Every other round the other way about, so that none is always first.
      for (let count = 0; count < ROUNDS; count++) {
        const inTurn = Object.values(all);
        for (const each of count % 2 === 0 ? inTurn : inTurn.reverse()) await round(each);
      }
    } finally {
      for (const gunicorn of byHand) gunicorn.kill();
    }
    return all;
  }, '2');
  const { ours, both } = sides;
  const rows = Object.values(sides).map(({ name, rates, requests, ticks }) => [
    name,
    median(rates).toFixed(0),
    requests,
    ((ticks * MS_PER_TICK) / requests).toFixed(2),
  ]);
  return [
    '## Requests a second',
    table(['', 'requests a second', 'requests', 'CPU ms a request'], rows),
    targets([
      {
        what: 'requests a second, of gunicorn by hand',
        measured: median(ours.rates.map((rate, index) => rate / (both.rates[index] ?? Number.NaN))),
        least: 0.97,
      },
      {
        what: 'requests a second of processor time, of gunicorn by hand',
        measured: ours.requests / ours.ticks / (both.requests / both.ticks),
        least: 0.97,
      },
    ]),
    [
      `${ROUNDS} rounds of ${SECONDS} s each in turn, ${CONNECTIONS} connections, 2 sync workers. The charm listens on IPv4 and IPv6 with a socket each, so`,
      'that an application sees addresses as they are; a worker of gunicorn waits for two sockets in one more system call a request.',
    ].join('\n'),
  ].join('\n\n');
}

function side(name: string, origin: string, isOwn: Side['isOwn']): Side {
  return { name, origin, isOwn, rates: [], requests: 0, ticks: 0 };
}

async function round(side: Side): Promise<void> {
  const before = ticksOf(side.isOwn);
  const { requests, rate } = await load(side.origin);
  side.ticks += ticksOf(side.isOwn) - before;
  side.requests += requests;
  side.rates.push(rate);
}

/** Of all processes whose command line is so. Source: proc(5). */
function ticksOf(isOwn: (command: string) => boolean): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!isOwn(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) continue;
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // It has ended meanwhile.
    }
  }
  return ticks;
}

function startByHand(unit: string, ...addresses: readonly string[]): ChildProcess {
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
  const words = setting('ExecStart').split(' ');
  const [python = '', ...args] = words.slice(words.indexOf('--') + 1);
  const config = args.indexOf('--config');
  if (config >= 0) args.splice(config, 2);
  return spawn(
    python,
    [...args.slice(0, -1), ...addresses.flatMap((address) => ['--bind', address]), ...args.slice(-1)],
    {
      cwd: setting('WorkingDirectory'),
      stdio: 'ignore',
    },
  );
}

async function answers(origin: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return void (await fetch(origin));
    } catch (error) {
      if (tries === 100) throw error;
      await pause(100);
    }
  }
}

async function load(origin: string): Promise<{ readonly requests: number; readonly rate: number }> {
  const pool = new Pool(origin, { connections: CONNECTIONS });
  const began = performance.now();
  let requests = 0;
  const client = async () => {
    while (performance.now() - began < SECONDS * 1000) {
      const { statusCode, body } = await pool.request({ path: '/', method: 'GET' });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${origin} answered ${statusCode}`);
      requests += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const rate = requests / ((performance.now() - began) / 1000);
  await pool.close();
  return { requests, rate };
}

if (import.meta.main) console.log(await report());
