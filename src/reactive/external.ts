import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import type { Candidate } from './candidates.ts';
import { ReactiveError } from './errors.ts';
import { canRun } from './external-discovery.ts';
import type { LiveFlags } from './flags.ts';
import { lend, type Position } from './live.ts';
import { bashLibrary } from './reactive-sh.ts';
import type { FileStore } from './store.ts';

/** How programs that are handlers are found and served. */
export interface ExternalOptions {
  readonly charmDir: string;
  /** Flushed before each call and read again after it, which gives up the rollback of the hook up to there. */
  readonly store: FileStore;
  /** Program and arguments that are the command `charms.reactive`: `['/charm/runtime/bin/node', '/charm/lib/reactive.cjs']`. */
  readonly command: readonly [string, ...string[]];
  /** Of the programs; the environment of the hook unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The external handlers of a charm, for one hook. */
export interface External {
  readonly candidates: readonly Candidate[];
  /** Removes what was made for them. */
  close(): void;
}

/**
 * External handlers: executables in `reactive/`, `hooks/reactive` and `hooks/relations`, called with `--test`, whose exit
 * code 0 means *invoke me*, and then with `--invoke` and what the test printed (without its final newline).
 *
 * They find `charms.reactive` and, for Bash, `charms.reactive.sh` on PATH. FlagWatch never limits them.
 */
export function serveExternal(
  paths: readonly string[],
  options: ExternalOptions,
  flags: LiveFlags,
  position: () => Position,
): External {
  const bin = commandDirectory(options.command);
  const env = programEnvironment(options, bin);
  const candidates = paths.map((path) =>
    externalCandidate(path, options.charmDir, (args, capture) =>
      lend(options.store, flags, position(), () => call(path, args, { cwd: options.charmDir, env, capture })),
    ),
  );
  return { candidates, close: () => rmSync(bin, { recursive: true, force: true }) };
}

interface Call {
  readonly code: number;
  readonly stdout: string;
}

function externalCandidate(
  path: string,
  charmDir: string,
  run: (args: readonly string[], capture: boolean) => Call,
): Candidate {
  let line = '';
  const name = relative(charmDir, path);
  return {
    name,
    flags: [],
    pure: false,
    test: () => {
      const { code, stdout } = run(['--test'], true);
      line = stdout.replace(/\n$/, '');
      return code === 0 ? undefined : 'declined';
    },
    invoke: () => {
      const { code } = run(['--invoke', line], false);
      if (code !== 0) throw new ReactiveError(`${name} --invoke ${JSON.stringify(line)} ended with code ${code}`);
    },
  };
}

function call(
  path: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly capture: boolean },
): Call {
  if (!canRun(path)) throw broken(path);
  const { status, signal, stdout, error } = spawnSync(path, args, {
    cwd: options.cwd,
    env: options.env,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
    stdio: ['inherit', options.capture ? 'pipe' : 'inherit', 'inherit'],
  });
  if (error) throw broken(path, error);
  if (status === null) throw new ReactiveError(`${path} was ended by ${signal}`);
  return { code: status, stdout: stdout ?? '' };
}

function broken(path: string, cause?: Error): ReactiveError {
  const why = cause ? `: ${cause.message}` : '';
  return new ReactiveError(`${path} is executable but cannot be run${why}; only handlers may be executable there`);
}

function programEnvironment({ env = process.env, store }: ExternalOptions, bin: string): NodeJS.ProcessEnv {
  return { ...env, PATH: `${bin}${delimiter}${env.PATH ?? ''}`, REACTIVE_STORE: store.path };
}

function commandDirectory(command: readonly string[]): string {
  const bin = mkdtempSync(join(tmpdir(), 'reactive-'));
  const argv = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  writeFileSync(join(bin, 'charms.reactive'), `#!/bin/sh\nexec ${argv} "$@"\n`, { mode: 0o755 });
  writeFileSync(join(bin, 'charms.reactive.sh'), bashLibrary, { mode: 0o755 });
  return bin;
}
