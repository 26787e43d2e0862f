/**
 * Requests a second of the served example, beside a gunicorn started by hand with the same worker settings: the same
 * virtual environment, code and options, but its own socket, no launcher in front and no configuration file.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { median, table, targets } from './support/report.ts';
import { withUnit } from './support/unit.ts';

const SECONDS = 2;
const ROUNDS = 7;
const CONNECTIONS = 4;
const PORT = 18_080;

export async function report(): Promise<string> {
  const { ours, byHand } = await withUnit(async ({ model, root }) => {
    const { host, port } = await model.unit('wsgi/0').endpoint(8080);
    const gunicorn = startByHand(readFileSync(join(root, 'etc/systemd/system/gunicorn3.service'), 'utf8'));
    const rates: Record<'ours' | 'byHand', number[]> = { ours: [], byHand: [] };
    try {
      await answers(`http://127.0.0.1:${PORT}`);
      for (let round = 0; round < ROUNDS; round++) {
        rates.ours.push(await rateOf(`http://${host}:${port}`));
        rates.byHand.push(await rateOf(`http://127.0.0.1:${PORT}`));
      }
    } finally {
      gunicorn.kill();
    }
    return rates;
  }, '2');
  const ratio = median(ours.map((rate, round) => rate / (byHand[round] ?? Number.NaN)));
  return [
    '## Requests a second',
    table(
      ['', 'median of the rounds'],
      [
        ['served by the charm', median(ours).toFixed(0)],
        ['gunicorn by hand', median(byHand).toFixed(0)],
      ],
    ),
    targets([{ what: 'of gunicorn by hand, median of the rounds', measured: ratio, least: 0.97 }]),
    `${ROUNDS} rounds of ${SECONDS} s each in turn, ${CONNECTIONS} kept-alive connections, 2 sync workers.`,
  ].join('\n\n');
}

function startByHand(unit: string): ChildProcess {
  const setting = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';
  const words = setting('ExecStart').split(' ');
  const [python = '', ...args] = words.slice(words.indexOf('--') + 1);
  const config = args.indexOf('--config');
  if (config >= 0) args.splice(config, 2);
  return spawn(python, [...args.slice(0, -1), '--bind', `127.0.0.1:${PORT}`, ...args.slice(-1)], {
    cwd: setting('WorkingDirectory'),
    stdio: 'ignore',
  });
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

async function rateOf(origin: string): Promise<number> {
  const pool = new Pool(origin, { connections: CONNECTIONS });
  const began = performance.now();
  let answered = 0;
  const client = async () => {
    while (performance.now() - began < SECONDS * 1000) {
      const { statusCode, body } = await pool.request({ path: '/', method: 'GET' });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${origin} answered ${statusCode}`);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  const rate = answered / ((performance.now() - began) / 1000);
  await pool.close();
  return rate;
}

if (import.meta.main) console.log(await report());
