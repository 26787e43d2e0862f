/** Options as Juju's commands take them (Go's gnuflag): long, short, short ones joined, mixed with arguments, `--` ends them. */

import { ToolError } from './tool-error.ts';

export type Flag =
  | { readonly takes: 'nothing'; readonly set: (value: boolean) => void }
  | { readonly takes: 'value'; readonly set: (value: string) => void };

/** Names without dashes: one letter is short, more is long. */
export type Flags = Readonly<Record<string, Flag>>;

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/**
 * Sets the flags that argv names and gives the other arguments back.
 * @throws ToolError 2, worded as gnuflag's, for an unknown option, a missing or a refused value.
 */
export function parseFlags(flags: Flags, argv: readonly string[]): string[] {
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] ?? '';
    if (argument === '--') return [...rest, ...argv.slice(i + 1)];
    if (!argument.startsWith('-') || argument === '-') rest.push(argument);
    else if (argument.startsWith('--')) i += longFlag(flags, argument.slice(2), argv[i + 1]);
    else i += shortFlags(flags, argument.slice(1), argv[i + 1]);
  }
  return rest;
}

/** Both return how many further arguments they took. */
function longFlag(flags: Flags, text: string, next: string | undefined): number {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const joined = equals < 0 ? undefined : text.slice(equals + 1);
  if (name === '' || name.length === 1) throw notDefined(`--${name}`);
  const flag = flags[name];
  if (flag === undefined) throw notDefined(`--${name}`);
  return apply(flag, `--${name}`, joined, next);
}

function shortFlags(flags: Flags, letters: string, next: string | undefined): number {
  for (let i = 0; i < letters.length; i++) {
    const name = letters[i] ?? '';
    const flag = flags[name];
    if (flag === undefined) throw notDefined(`-${name}`);
    const after = letters.slice(i + 1);
    if (flag.takes === 'value') return apply(flag, `-${name}`, after === '' ? undefined : after, next);
    apply(flag, `-${name}`, undefined, undefined);
  }
  return 0;
}

function apply(flag: Flag, shown: string, joined: string | undefined, next: string | undefined): number {
  if (flag.takes === 'nothing') {
    if (joined !== undefined && !TRUE.includes(joined) && !FALSE.includes(joined)) {
      throw new ToolError(
        2,
        `invalid boolean value "${joined}" for ${shown}: strconv.ParseBool: parsing "${joined}": invalid syntax`,
      );
    }
    flag.set(joined === undefined || TRUE.includes(joined));
    return 0;
  }
  const value = joined ?? next;
  if (value === undefined) throw new ToolError(2, `option needs an argument: ${shown}`);
  try {
    flag.set(value);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ToolError(2, `invalid value ${JSON.stringify(value)} for option ${shown}: ${why}`);
  }
  return joined === undefined ? 1 : 0;
}

function notDefined(shown: string): ToolError {
  return new ToolError(2, `option provided but not defined: ${shown}`);
}

/** @throws ToolError 2 when arguments are left. */
export function checkEmpty(rest: readonly string[]): void {
  if (rest.length > 0) {
    throw new ToolError(2, `unrecognized args: [${rest.map((arg) => JSON.stringify(arg)).join(' ')}]`);
  }
}
