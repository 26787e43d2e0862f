/** The parts that every hook tool is made of: one call, its answer, its output format. */

import { checkEmpty, type Flag, type Flags, parseFlags } from './gnuflag.ts';
import { goJson } from './go-json.ts';
import type { GoValue } from './go-value.ts';
import { goYaml } from './go-yaml.ts';
import { ToolError } from './tool-error.ts';
import type { ToolContext, World } from './world.ts';

export interface Call {
  /** `relation-get` */
  readonly tool: string;
  readonly argv: readonly string[];
  /** All of stdin, read only by tools that are told to with `--file -`. */
  readonly stdin?: string;
  /** A file as the caller of the tool sees it; relative paths are relative to its working directory. */
  readonly readFile?: (path: string) => string;
}

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One tool at work: what it sees, and where its output goes. */
export interface Invocation {
  readonly world: World;
  readonly context: ToolContext;
  readonly call: Call;
  stdout: string;
  stderr: string;
}

export type Tool = (invocation: Invocation) => void;

export type Format = 'smart' | 'yaml' | 'json';

/** A switch; read `on` after the parsing. */
export function boolFlag(): { readonly flag: Flag; on: boolean } {
  const holder: { flag: Flag; on: boolean } = {
    flag: {
      takes: 'nothing',
      set: (value) => {
        holder.on = value;
      },
    },
    on: false,
  };
  return holder;
}

/** An option with a value; `''` where it is not given. */
export function stringFlag(initial = ''): { readonly flag: Flag; value: string } {
  const holder: { flag: Flag; value: string } = {
    flag: {
      takes: 'value',
      set: (value) => {
        holder.value = value;
      },
    },
    value: initial,
  };
  return holder;
}

/** Parses argv with flags of the tool's own plus `--format` and `-o`; the format is the tool's default where none is asked for. */
export function parseWithFormat(
  run: Invocation,
  flags: Flags,
  formats: readonly Format[] = ['smart', 'yaml', 'json'],
): { readonly rest: string[]; readonly format: Format } {
  let format: Format = formats[0] ?? 'smart';
  const rest = parseFlags(
    {
      ...flags,
      format: {
        takes: 'value',
        set: (value) => {
          const known = formats.find((name) => name === value);
          if (known === undefined) throw new Error(`unknown format ${JSON.stringify(value)}`);
          format = known;
        },
      },
    },
    run.call.argv,
  );
  return { rest, format };
}

/** As {@link parseWithFormat} for tools that print nothing: `--format` is taken and said to be deprecated. */
export function parseQuiet(run: Invocation, flags: Flags): string[] {
  const format = stringFlag();
  const rest = parseFlags({ ...flags, format: format.flag }, run.call.argv);
  if (format.value !== '') run.stderr += `--format flag deprecated for command ${JSON.stringify(run.call.tool)}`;
  return rest;
}

/** Prints as `cmd.Output` of Juju does. `null` prints nothing but in JSON. */
export function print(run: Invocation, format: Format, value: GoValue): void {
  if (format === 'json') run.stdout += `${goJson(value)}\n`;
  else if (format === 'smart') run.stdout += smart(value);
  else if (value !== null) run.stdout += `${goYaml(value)}\n`;
}

function smart(value: GoValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value === '' ? '' : `${value}\n`;
  if (typeof value === 'boolean') return value ? 'True\n' : 'False\n';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? '' : `${value.join('\n')}\n`;
  }
  return `${goYaml(value)}\n`;
}

export { checkEmpty, type GoValue, ToolError };
