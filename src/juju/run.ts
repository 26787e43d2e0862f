/** The one way from this program to Juju: a hook tool is a process, and its output is checked before it is believed. */
import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import * as v from 'valibot';
import { errorCode } from '../system/errors.ts';

/** What a hook tool left behind. */
export interface ToolResult {
  /** Exit code: 2 for bad arguments, 1 for a failure, {@link TOOL_MISSING} when this Juju has no such tool. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a hook tool. Data of any size, and all secrets, travel in `input` (its stdin), never in `args`. */
export type ToolRunner = (tool: string, args: readonly string[], input?: string) => ToolResult;

/** The exit code of a tool that is not there, as a shell has it: leader-get in Juju 4, secret-get in Juju 2.9. */
export const TOOL_MISSING = 127;

/** One gibibyte: the output of a hook tool is data of the model, and is never cut. */
const MAX_OUTPUT = 2 ** 30;

/** A hook tool failed. The message holds no argument and no input, for either may be secret. */
export class HookToolError extends Error {
  override readonly name = 'HookToolError';
  /** Name of the tool: `relation-get`. */
  readonly command: string;
  readonly code: number;
  /** As Juju wrote it, without the values that were written. */
  readonly stderr: string;

  constructor(command: string, code: number, stderr: string) {
    const reason = code === TOOL_MISSING ? 'this Juju has no such hook tool' : sentence(stderr);
    super(`${command} ended with ${code}: ${reason}`);
    this.command = command;
    this.code = code;
    this.stderr = stderr;
  }

  /** This version of Juju does not have the tool. */
  get missing(): boolean {
    return this.code === TOOL_MISSING;
  }

  /** The reason in Juju's words, without its `ERROR`, on one line. */
  get reason(): string {
    return sentence(this.stderr);
  }
}

/** The runner of a real hook: a tool found on PATH, run to its end. */
export const runTool: ToolRunner = (tool, args, input) => {
  const result = spawnSync(tool, args, {
    encoding: 'utf8',
    maxBuffer: MAX_OUTPUT,
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    input,
  });
  const { status, signal, stdout, stderr } = result;
  // A tool that ends without reading its stdin leaves an EPIPE beside its exit code, and the code is what counts.
  if (status !== null) return { code: status, stdout, stderr };
  if (signal !== null) return { code: 128 + constants.signals[signal], stdout, stderr: `ended by ${signal}` };
  const reason = errorCode(result.error) ?? 'it did not start';
  return { code: reason === 'ENOENT' ? TOOL_MISSING : 126, stdout: '', stderr: reason };
};

/** What a call may carry beside its arguments. */
export interface CallOptions {
  readonly input?: string;
  /** Values that are taken out of Juju's own words, should it repeat them. */
  readonly secrets?: readonly string[];
}

/**
 * Runs a hook tool and returns what it printed.
 * @throws HookToolError when it does not exit 0.
 */
export function call(run: ToolRunner, tool: string, args: readonly string[], options: CallOptions = {}): string {
  const { code, stdout, stderr } = run(tool, args, options.input);
  if (code !== 0) throw new HookToolError(tool, code, withoutSecrets(stderr, options.secrets ?? []));
  return stdout;
}

/**
 * Runs a hook tool that reads, with `--format=json`, and checks what it printed.
 * @throws HookToolError when it does not exit 0, or prints what this project does not know.
 */
export function read<Schema extends v.GenericSchema>(
  run: ToolRunner,
  schema: Schema,
  tool: string,
  args: readonly string[] = [],
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, parseJson(call(run, tool, ['--format=json', ...args])));
  if (parsed.success) return parsed.output;
  throw new HookToolError(tool, 0, `unexpected output at "${v.getDotPath(parsed.issues[0]) ?? ''}"`);
}

/** Output that is no JSON is left for the schema to refuse; some tools print nothing where there is nothing. */
function parseJson(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sentence(stderr: string): string {
  const line = stderr.split('\n').find((text) => text.trim() !== '') ?? 'it gave no reason';
  return line.replace(/^ERROR /, '').trim();
}

/** As it is, as it stands in JSON, and line by line. Short values are common words, whose removal would only garble. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), ...secret.split('\n')]);
  return forms
    .filter((form) => form.length > 3)
    .sort((a, b) => b.length - a.length)
    .reduce((kept, form) => kept.replaceAll(form, '***'), text);
}
