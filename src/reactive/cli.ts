import { parseArgs } from 'node:util';
import { type CommandContext, commands } from './cli-commands.ts';
import { LiveData } from './data.ts';
import { LiveFlags } from './flags.ts';
import { readLive, writeLive } from './live.ts';
import { FileStore } from './store.ts';
import type { HandlerApi } from './types.ts';

/** What a command leaves: its exit code, and what it prints. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as the whole work of this process. */
export function runAsProgram(argv: readonly string[]): void {
  const { code, stdout, stderr } = runCommand(argv, process.env);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  process.exitCode = code;
}

/**
 * The command `charms.reactive` for external handlers, over the store named by REACTIVE_STORE:
 * `charms.reactive [--format raw|json|yaml] COMMAND ARGUMENTS`.
 *
 * As in the original, lists are printed a line each with no newline at the end, and tests print nothing and exit with 1
 * for *no*.
 */
function runCommand(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): CommandResult {
  try {
    return run(argv, env);
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}

function run(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): CommandResult {
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const { format, ...named } = values;
  const [name = '', ...args] = positionals;
  const command = commands[name];
  if (command === undefined) return failure(`no command "${name}"; there are: ${Object.keys(commands).join(', ')}`);
  if (env.REACTIVE_STORE === undefined) return failure('REACTIVE_STORE, the file with the flags, is not set');

  const store = new FileStore(env.REACTIVE_STORE);
  const live = readLive(store);
  const flags = new LiveFlags(store.flags);
  for (const trigger of live?.triggers ?? []) flags.registerTrigger(trigger);
  const context: CommandContext = { flags, data: new LiveData(store.data), event: eventOf(env), live, named };
  const answer = command(args, context);
  if (live) {
    const pending = [...live.pending, ...flags.watch.pending];
    writeLive(store, {
      ...live,
      pending,
      cleared: live.cleared || flags.takeCleared(),
      triggers: flags.triggers.list(),
    });
  }
  // A hook that has lent the store keeps it open; only outside of one is this the end.
  if (store.interrupted) store.flush();
  else store.commit();
  if (typeof answer === 'boolean') return { code: answer ? 0 : 1, stdout: '', stderr: '' };
  return { code: 0, stdout: answer === undefined ? '' : print(answer, format), stderr: '' };
}

const options = {
  format: { type: 'string', default: 'raw' },
  value: { type: 'string' },
  when: { type: 'string' },
  when_not: { type: 'string' },
  set_flag: { type: 'string' },
  clear_flag: { type: 'string' },
} as const;

function print(answer: string | readonly string[], format: string): string {
  if (format === 'raw') return typeof answer === 'string' ? answer : answer.join('\n');
  // A line of JSON is YAML too.
  if (format === 'json' || format === 'yaml') return JSON.stringify(answer);
  throw new Error(`no format "${format}"; there are: raw, json, yaml`);
}

function eventOf(env: Readonly<Record<string, string | undefined>>): HandlerApi['event'] {
  const action = env.JUJU_ACTION_NAME;
  if (action) return { name: action, kind: 'action' };
  return { name: env.JUJU_HOOK_NAME || (env.JUJU_DISPATCH_PATH ?? '').replace(/^hooks\//, ''), kind: 'hook' };
}

function failure(message: string): CommandResult {
  return { code: 2, stdout: '', stderr: `charms.reactive: ${message}\n` };
}
