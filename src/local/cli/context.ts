/** What every verb needs: which model, how it prints, and Ctrl-C. */

import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { createColors } from 'picocolors';
import { fromJson, GoStruct, type GoValue } from '../hooktools/go-value.ts';
import { goYaml } from '../hooktools/go-yaml.ts';
import { LocalModel } from '../local-model.ts';
import { LocalError } from '../model/local-error.ts';

/** Colours on a terminal, none elsewhere, whatever CI says of itself. */
export const colors = createColors(process.stdout.isTTY === true && process.env.NO_COLOR === undefined);

export function out(text: string): void {
  process.stdout.write(text.endsWith('\n') || text === '' ? text : `${text}\n`);
}

export function note(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Folder of the models: `$XDG_STATE_HOME/wsgi-charm`, or `~/.local/share/wsgi-charm`. */
function modelsDir(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.local/share') : base, 'wsgi-charm');
}

const NAME = /^[a-z0-9][a-z0-9-]*$/;

/** A name under {@link modelsDir}, or the path of a folder. */
export function modelDir(model: string): string {
  if (NAME.test(model)) return join(modelsDir(), model);
  if (isAbsolute(model) || model.startsWith('.')) return resolve(model);
  throw new LocalError(
    `${JSON.stringify(model)} is not a valid name: model names may only contain lowercase letters, digits and hyphens`,
  );
}

export function modelOption(): Option {
  return new Option('-m, --model <model>', 'name or folder of the model').env('WSGI_CHARM_MODEL').default('local');
}

/** The value of `--model`, wherever it stands on the command line. */
export function modelOf(command: Command): string {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const { model } = at.opts<{ model?: string }>();
    if (model !== undefined) return model;
  }
  return 'local';
}

/** Ends what runs at the first Ctrl-C; the model is left so that the next command takes it up. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => {
    note('stopping the hook that runs; the next command runs it again');
    process.exitCode = 130;
    controller.abort();
  });
  process.once('SIGTERM', () => controller.abort());
  return controller.signal;
}

/** The model as it is on disk. @throws LocalError when there is none */
export function openModel(command: Command): LocalModel {
  const model = modelOf(command);
  const dir = modelDir(model);
  if (!LocalModel.exists(dir))
    throw new LocalError(`model ${JSON.stringify(model)} not found; deploy a charm to begin one`);
  return LocalModel.open(dir, {
    signal: interruptible(),
    onWait: (pid) => note(`waiting for another command to finish (process ${pid})`),
  });
}

export type OutputFormat = 'json' | 'yaml' | 'tabular' | 'plain' | 'short';

export function formatOption(formats: readonly OutputFormat[], initial: OutputFormat): Option {
  return new Option('--format <format>', 'how to print it').choices([...formats]).default(initial);
}

/** JSON or YAML, keys in the order that Juju has. */
export function printAs(format: string, value: unknown): void {
  out(format === 'json' ? JSON.stringify(value) : goYaml(ordered(value)));
}

export function ordered(value: unknown): GoValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value === 'object') {
    return new GoStruct(
      Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, ordered(item)] as const])),
    );
  }
  return String(value);
}

/** Options that may be given more than once: `--config a=1 --config b=2`. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** `key=value` arguments. @throws LocalError 2 */
export function pairs(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    args.map((arg) => {
      const equals = arg.indexOf('=');
      if (equals <= 0) throw new LocalError(`expected "key=value", got ${JSON.stringify(arg)}`, 2);
      return [arg.slice(0, equals), arg.slice(equals + 1)];
    }),
  );
}

/** Maps of results, keys sorted as Go does. */
export function resultsYaml(results: object): string {
  return goYaml(fromJson(results));
}
