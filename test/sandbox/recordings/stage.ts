/** A local model with the recorder charms in it: runs the operator's commands and gathers what the hooks saw. */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import picocolors from 'picocolors';
import { z } from 'zod';
import { text } from '../../../packages/charm-build/tree.ts';
import { zip } from '../../../packages/charm-build/zip.ts';
import { localCommand } from '../../../packages/local-juju/cli/local.ts';
import { type Terminal, withNewline } from '../../../packages/local-juju/cli/terminal.ts';
import { LocalModel } from '../../../packages/local-juju/local-model.ts';
import { LocalError } from '../../../packages/local-juju/model/local-error.ts';
import type { HookEvent } from './recording.ts';
import { RECORDINGS } from './recording.ts';

const Tool = z.object({ cmd: z.string(), rc: z.number(), out: z.string(), err: z.string() });
const Begin = z.object({
  k: z.literal('begin'),
  t: z.number(),
  unit: z.string(),
  hook: z.string(),
  env: z.record(z.string(), z.string()),
  other_env: z.array(z.string()),
  proc: z.looseObject({ argv: z.array(z.string()) }),
  tools: z.array(Tool),
});
const End = z.object({
  k: z.literal('end'),
  /** When its hook began, by which the two know each other. */
  t0: z.number(),
  acts: z.array(Tool),
  exit: z.union([z.number(), z.string()]),
});

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class Stage {
  readonly model: LocalModel;
  readonly files: string;
  readonly #logs = new Map<string, RecorderLog>();
  readonly #steered = new Map<string, string>();
  readonly #secrets = new Map<string, string>();

  private constructor(model: LocalModel, files: string) {
    this.model = model;
    this.files = files;
  }

  /** Builds the recorder charms and an empty model that behaves as the recorded one, oddities and all. */
  static async open(): Promise<Stage> {
    const dir = mkdtempSync(join(tmpdir(), 'recordings-'));
    const files = join(dir, 'files');
    mkdirSync(files);
    execFileSync('python3', [join(RECORDINGS, 'charm/build.py'), files]);
    writeFileSync(join(files, 'blob1.bin'), 'blob one\n');
    writeFileSync(join(files, 'blob1'), 'blob one\n');
    writeFileSync(join(files, 'blob2.bin'), 'blob two, longer\n');
    writeFileSync(join(files, 'val.txt'), 'from a file\nwith newline\n');
    const odd = `line "one" 'q' \\ $x\n\ttab: é ☃\n`;
    writeFileSync(join(files, 'big.txt'), [...odd.repeat(33334)].slice(0, 1_000_000).join(''));
    await keepCharm(join(files, 'hello.charm'));
    const model = await LocalModel.create({
      dir: join(dir, 'model'),
      name: 'recorded',
      machine: 'sandbox',
      jujuVersion: '4.0.14.1',
      quirks: true,
      modelConfig: { 'update-status-hook-interval': '60m' },
    });
    return new Stage(model, files);
  }

  async close(): Promise<void> {
    await this.model.destroy();
    rmSync(join(this.files, '..'), { recursive: true, force: true });
  }

  /** Folder of a machine's `/` on this host. */
  root(machine: string): string {
    return join(this.model.dir, 'machines', machine, 'root');
  }

  machines(): string[] {
    const folder = join(this.model.dir, 'machines');
    return existsSync(folder) ? readdirSync(folder).toSorted() : [];
  }

  /** A verb with its arguments, as typed after `juju`. */
  async run(args: readonly string[]): Promise<Ran> {
    let [stdout, stderr] = ['', ''];
    const terminal: Terminal = {
      out: (text) => {
        stdout += withNewline(text);
      },
      note: (text) => {
        stderr += withNewline(text);
      },
      isTerminal: false,
      colors: picocolors.createColors(false),
      exitCode: 0,
      modelDir: () => this.model.dir,
      open: () => this.model,
    };
    const program = localCommand(terminal);
    program.exitOverride().configureOutput({ writeErr: terminal.note, writeOut: terminal.out });
    try {
      await program.parseAsync(args, { from: 'user' });
      return { code: terminal.exitCode, out: stdout, err: stderr };
    } catch (error) {
      if (error instanceof CommanderError) return { code: 2, out: stdout, err: stderr };
      if (!(error instanceof LocalError)) throw error;
      return { code: error.code, out: stdout, err: `${stderr}ERROR ${error.message}\n` };
    }
  }

  /** `ann`, `ann/0` or `all`: what its hook (or `ANY`) is to do from now on; without one the last is taken back. */
  steer(whom: string, hook?: string, lines?: readonly string[]): void {
    const last = this.#steered.get(whom) ?? '';
    if (hook !== undefined) this.#steered.set(whom, hook);
    for (const machine of this.machines()) {
      const steer = join(this.root(machine), 'var/tmp/rec/steer');
      if (whom === 'all') rmSync(steer, { recursive: true, force: true });
      else if (hook === undefined) rmSync(join(steer, whom.replace('/', '-'), last), { recursive: true, force: true });
      else {
        const folder = join(steer, whom.replace('/', '-'));
        mkdirSync(folder, { recursive: true });
        const text = (lines ?? []).map((line) => this.expand(line, machine)).join('\n');
        writeFileSync(join(folder, hook), `${text}\n`);
      }
    }
  }

  /** Placeholders of the recording to paths of ours. */
  expand(text: string, machine: string): string {
    return text
      .replaceAll(/<SECRET-\d+>/g, (name) => this.#secrets.get(name) ?? name)
      .replaceAll('<REC>', join(this.root(machine), 'var/tmp/rec'))
      .replaceAll('<FILES>', this.files)
      .replaceAll('/var/tmp/y', join(this.root(machine), 'var/tmp/y'));
  }

  /** From now on a secret of the recording is this one of ours. */
  nameSecret(recorded: string, id: string): void {
    this.#secrets.set(recorded, id);
  }

  /** Only the acts that are steered, no looking round; for what comes before a recording. */
  quick(on: boolean): void {
    for (const machine of this.machines()) {
      const flag = join(this.root(machine), 'var/tmp/rec/quick');
      mkdirSync(join(flag, '..'), { recursive: true });
      if (on) appendFileSync(flag, '');
      else rmSync(flag, { force: true });
    }
  }

  /** How many hooks each unit has run since {@link events} was asked. */
  counts(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { begun } of this.#recorded()) {
      for (const { unit } of begun) counts.set(unit, (counts.get(unit) ?? 0) + 1);
    }
    return counts;
  }

  /** Hooks that have run since the last time it was asked, unit by unit in their order. */
  events(): HookEvent[] {
    return this.#recorded().flatMap((log) => log.take());
  }

  #recorded(): RecorderLog[] {
    return this.machines().map((machine) => {
      const log = this.#logs.get(machine) ?? new RecorderLog(join(this.root(machine), 'var/tmp/rec/log.jsonl'));
      this.#logs.set(machine, log);
      log.read();
      return log;
    });
  }
}

/** What the recorder wrote on one machine, read on from where it was read before. */
class RecorderLog {
  readonly begun: z.infer<typeof Begin>[] = [];
  readonly #ended = new Map<number, z.infer<typeof End>>();
  readonly #path: string;
  #offset = 0;

  constructor(path: string) {
    this.#path = path;
  }

  read(): void {
    if (!existsSync(this.#path)) return;
    const file = openSync(this.#path, 'r');
    const fresh = Buffer.alloc(fstatSync(file).size - this.#offset);
    readSync(file, fresh, 0, fresh.length, this.#offset);
    closeSync(file);
    this.#offset += fresh.length;
    const lines = fresh.toString().split('\n');
    for (const line of lines.filter((text) => text !== '')) this.#take(JSON.parse(line));
  }

  #take(line: unknown): void {
    const begin = Begin.safeParse(line);
    if (begin.success) this.begun.push(begin.data);
    const end = End.safeParse(line);
    if (end.success) this.#ended.set(end.data.t0, end.data);
  }

  /** Each event once. */
  take(): HookEvent[] {
    const events = this.begun.splice(0).map((begin) => toEvent(begin, this.#ended.get(begin.t)));
    this.#ended.clear();
    return events;
  }
}

function toEvent(begin: z.infer<typeof Begin>, end: z.infer<typeof End> | undefined): HookEvent {
  const { argv, ...proc } = begin.proc;
  return {
    n: 0,
    t: 0,
    unit: begin.unit,
    ev: begin.hook,
    env: begin.env,
    argv,
    proc: { ...proc, other_env: begin.other_env },
    tools: Object.fromEntries(begin.tools.map((tool) => [tool.cmd.replace(' --format=json', ''), answerOf(tool)])),
    acts: (end?.acts ?? []).map((act) => [act.cmd, answerOf(act)]),
    exit: end?.exit,
  };
}

/** As the recordings have it: the output, parsed where it is JSON, or all three where something went wrong. */
function answerOf({ cmd, rc, out, err }: z.infer<typeof Tool>): unknown {
  const text = out.replace(/\n$/, '');
  if (rc !== 0 || err !== '') {
    return { rc, err: err.replace(/\n$/, ''), ...(text === '' ? {} : { out: text }) };
  }
  if (!cmd.includes('--format=json')) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? { j: value } : value;
  } catch {
    return text;
  }
}

/** A charm that keeps both machines in the model and holds a port on each. */
async function keepCharm(file: string): Promise<void> {
  const start = '#!/bin/sh\nopen-port 8080/tcp\nstatus-set active "ready hi"\n';
  const { bytes } = await zip(
    new Map([
      ['metadata.yaml', text('name: hello\nsummary: keeps the machines\ndescription: keeps the machines\n')],
      ['hooks/start', text(start, { executable: true })],
    ]),
  );
  writeFileSync(file, bytes);
}
