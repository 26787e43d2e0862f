/** Runs programs with charms.reactive, in a virtual environment that is made once and kept. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { execa } from 'execa';
import * as z from 'zod';
import type { Outcome, Program } from './program.ts';

/** setuptools 81 no longer has pkg_resources, which charms.reactive imports. */
const requirements = ['charms.reactive==1.5.3', 'charmhelpers==1.2.1', 'setuptools<81', 'PyYAML', 'Jinja2', 'netaddr'];

const answer = z.union([
  z.object({ error: z.string() }),
  z.object({
    outcomes: z.array(
      z.object({ failed: z.boolean(), happened: z.array(z.string()), flags: z.record(z.string(), z.json()) }),
    ),
  }),
]);

/** The Python of an environment that has charms.reactive; made when it is not there. */
export async function pythonWithCharmsReactive(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'layer-wsgi');
  const { stdout: version } = await execa('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
  const environment = join(cache, `charms.reactive-1.5.3-python-${version}`);
  const python = join(environment, 'bin', 'python');
  if (existsSync(python)) return python;
  mkdirSync(cache, { recursive: true });
  const fresh = `${environment}.${process.pid}`;
  try {
    await execa('python3', ['-m', 'venv', fresh]);
    await execa(join(fresh, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...requirements]);
    // Whoever was faster has made the same.
    if (!existsSync(environment)) renameSync(fresh, environment);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return python;
}

/** One warm Python process. */
export class CharmsReactive {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterableIterator<string>;
  readonly #reader: Interface;
  #stderr = '';

  private constructor(process: ChildProcessWithoutNullStreams) {
    this.#process = process;
    this.#reader = createInterface({ input: process.stdout });
    this.#lines = this.#reader[Symbol.asyncIterator]();
    process.stderr.on('data', (data) => {
      this.#stderr += data;
    });
  }

  static async start(): Promise<CharmsReactive> {
    const python = await pythonWithCharmsReactive();
    const started = new CharmsReactive(spawn(python, [join(import.meta.dirname, 'run_programs.py')]));
    await started.#line();
    return started;
  }

  async run(program: Program): Promise<Outcome[]> {
    // An unset option is null, as config-get --all has it.
    this.#process.stdin.write(`${JSON.stringify(program, (_, value) => (value === undefined ? null : value))}\n`);
    const read = answer.parse(JSON.parse(await this.#line()));
    if ('error' in read) throw new Error(read.error);
    return read.outcomes;
  }

  stop(): void {
    this.#process.stdin.end();
    this.#reader.close();
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`charms.reactive ended: ${this.#stderr}`);
    return value;
  }
}
