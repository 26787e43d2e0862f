import { spawn } from 'node:child_process';
import { mkdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Endpoint, ExecOptions, ExecResult, LocalMachine } from '../machine.ts';
import { runProcess } from '../run-process.ts';
import { layOut, type MachineRecord, machinePath, placeStandIns, readRecord } from './layout.ts';
import { killAll, processesWith } from './processes.ts';
import { findPython, type Python } from './python.ts';
import { ask, supervisorPid } from './supervisor.ts';

const SOURCE = import.meta.dirname;

/** Boots what is systemd in here; see the README beside it. */
const BOOT = join(SOURCE, '../systemd-stand-in/boot.py');

/** What can be made to go wrong with a sandbox's packages; see docs of {@link Sandbox.fault}. */
export type Fault = 'apt-index-unreachable' | 'apt-hangs' | 'dpkg-locked' | 'dpkg-interrupted' | 'dpkg-fails';

export interface SandboxOptions {
  /** Number of the machine in the model. */
  readonly id?: string;
  /** Its own loopback address (127.x.y.z); a random one unless given. Counts when the machine is made. */
  readonly address?: string;
  /** Version of the systemd that it answers as: 252, or 257 unless given. Counts when the machine is made. */
  readonly systemd?: 252 | 257;
}

/**
 * A machine that is a directory: real processes, units and sockets, and no root.
 *
 * `DIRECTORY/root` is its `/`, `DIRECTORY/bin` the stand-ins that go first on PATH, `DIRECTORY/run` its supervisor's
 * own. The supervisor (Python, `systemd-stand-in/`) is what systemd is on a real machine, and outlives the process that boots it.
 */
export class Sandbox implements LocalMachine {
  readonly kind = 'sandbox';
  readonly id: string;
  readonly address: string;
  readonly directory: string;
  readonly rootOnHost: string;
  readonly hookEnv: Readonly<Record<string, string>>;
  readonly hookPath: string;
  readonly #python: string;
  readonly #systemd: number;

  private constructor(directory: string, record: MachineRecord, python: Python) {
    this.directory = directory;
    this.id = record.id;
    this.address = record.address;
    this.rootOnHost = join(directory, 'root');
    // Juju gives a hook no HOME, and programs then take root's from the user database: here that would be this computer's.
    this.hookEnv = { WSGI_ROOT: this.rootOnHost, HOME: join(this.rootOnHost, 'root') };
    this.hookPath = machinePath(directory, python);
    this.#python = python.path;
    this.#systemd = record.systemd;
  }

  /** Opens the machine of a directory, and makes it first where there is none. It is not booted by this. */
  static async open(directory: string, options: SandboxOptions = {}): Promise<Sandbox> {
    await mkdir(directory, { recursive: true });
    const place = await realpath(resolve(directory));
    const python = findPython();
    const record =
      (await readRecord(place)) ??
      (await layOut(place, { id: options.id ?? '0', address: options.address, systemd: options.systemd, python }));
    return new Sandbox(place, record, python);
  }

  seenPath(path: string): string {
    return join(this.rootOnHost, path);
  }

  async start(): Promise<void> {
    if (await ask(this.directory, '@ping')) return;
    await placeStandIns(this.directory, SOURCE, this.#python, await programs());
    const boot = spawn(this.#python, ['-IS', BOOT, this.directory, this.address, `${this.#systemd}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    boot.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    const code = await new Promise<number | null>((settle, reject) => {
      boot.once('error', reject);
      boot.once('close', settle);
    });
    // 3: another process has booted it meanwhile
    if (code !== 0 && code !== 3) throw new Error(`the sandbox ${this.directory} does not boot: ${said.trim()}`);
  }

  async stop(): Promise<void> {
    await this.#end('@halt');
    await rm(join(this.rootOnHost, 'run'), { recursive: true, force: true });
    await mkdir(join(this.rootOnHost, 'run/systemd/system'), { recursive: true });
  }

  async #end(request: '@halt' | '@off'): Promise<void> {
    const pid = await supervisorPid(this.directory);
    const ended = await ask(this.directory, request);
    if (!ended && pid !== undefined) killAll([pid]);
    killAll(await processesWith('WSGI_ROOT', this.rootOnHost));
  }

  async reboot(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async destroy(): Promise<void> {
    await this.#end('@off');
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    return runProcess(argv, { ...options, cwd: options.cwd ?? this.rootOnHost });
  }

  async endpoint(port: number): Promise<Endpoint> {
    const answer = await ask(this.directory, '@endpoint', String(port));
    const [host, real] = answer?.code === 0 ? answer.stdout.split(' ') : [];
    return host && real ? { host, port: Number(real) } : { host: this.address, port };
  }

  /**
   * Makes packages go wrong until {@link mend}: `apt-index-unreachable` (nothing new can be fetched), `apt-hangs`,
   * `dpkg-locked` (detail: who holds it), `dpkg-interrupted`, `dpkg-fails` (detail: names of packages, all when empty).
   */
  async fault(name: Fault, detail = ''): Promise<void> {
    await writeFile(join(this.rootOnHost, 'etc/sandbox/faults', name), `${detail}\n`);
  }

  async mend(name: Fault): Promise<void> {
    await rm(join(this.rootOnHost, 'etc/sandbox/faults', name), { force: true });
  }
}

/** The names of `programs/dispatch.py` that are on PATH, so that there is one list of them; plugins have a `_` in theirs. */
async function programs(): Promise<readonly string[]> {
  const text = await readFile(join(SOURCE, 'programs/dispatch.py'), 'utf8');
  return [...text.matchAll(/"([a-z.-]+)": "[a-z_]+:[a-z_]+"/g)].map((match) => match[1] ?? '');
}
