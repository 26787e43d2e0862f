import { type Command, parse, type Statement, type Word, type WordPart } from 'unbash';
import { type SecretReference, secretReference } from './secret-uri.ts';
import { atMost, BadValue } from './values.ts';
import { checkVariable, MOST_BYTES } from './variable-names.ts';

/** Names and values of environment variables, in the order in which they were given. */
export type Variables = ReadonlyMap<string, string>;

/** The name of the variable before a mistake, for the message; undefined at the beginning. */
type Last = string | undefined;

/**
 * Reads assignments in Bash syntax, separated by blanks or newlines. Nothing is expanded or run: quotes and backslashes go as
 * in Bash, and `$x`, `$(command)` and backquotes stay as they are typed. The last of several values of a name counts.
 *
 * @throws BadValue for anything else than assignments; the message names variables, and never shows a value
 */
export function parseAssignments(text: string): Variables {
  const found = assignmentsIn(text);
  for (const [name, value] of found) checkVariable(name, value);
  return found;
}

/** {@link parseAssignments} of names that need not be fit for variables of a process. */
export function assignmentsIn(text: string): Variables {
  const script = parse(atMost(MOST_BYTES, text));
  const found = new Map<string, string>();
  let last: Last;
  let end = 0;
  for (const statement of script.commands) {
    checkGap(text.slice(end, statement.pos), last);
    for (const { name, value } of assignmentsOf(statement, last)) {
      found.delete(name);
      found.set(name, value);
      last = name;
    }
    end = statement.end;
  }
  checkGap(text.slice(end), last);
  if (script.errors !== undefined) throw unclosed(last);
  // Bash itself keeps such a backslash or drops it, depending on what is before.
  if (end === text.length && /(?<!\\)(\\\\)*\\$/.test(text)) throw unquoted('\\', last);
  return found;
}

/** Between two lines there are blanks and comments, and no `;`. */
function checkGap(gap: string, last: Last): void {
  const [odd] = gap.replace(/(^|\s)#[^\n]*/g, '').trim();
  if (odd !== undefined) throw unquoted(odd, last);
}

/**
 * Reads the values of environment_variables, of which one may be the name of a secret.
 *
 * @throws BadValue naming the variable
 */
export function parseVariables(text: string): Variables {
  const found = parseAssignments(text);
  for (const [name, value] of found) {
    if (value.startsWith('secret://') && secretReference(value) === undefined) {
      throw new BadValue(
        `${name} names no field of a secret; secret://ID/FIELD is right, with the ID of juju show-secret`,
      );
    }
  }
  return found;
}

/**
 * Reads the URIs of secrets, separated by blanks, newlines or commas.
 *
 * @throws BadValue that shows nothing of what was typed, which may be a secret itself
 */
export function parseSecretUris(text: string): readonly SecretReference[] {
  const words = atMost(MOST_BYTES, text)
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  return words.map((word, index) => {
    const reference = secretReference(word);
    if (reference !== undefined && reference.field === undefined) return reference;
    throw new BadValue(
      `word ${index + 1} is not the URI of a secret; secret:ID is right, as juju add-secret prints it`,
    );
  });
}

interface PlainAssignment {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads `NAME=OTHER NAME2=OTHER2`: variables, and the names of those whose values they have.
 *
 * @throws BadValue naming the variable
 */
export function parseNames(text: string): Variables {
  const names = parseAssignments(text);
  for (const [name, other] of names) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(other)) {
      throw new BadValue(
        `${name} is not given the name of a variable; NAME=VARIABLE is right, with a variable that a relation gives`,
      );
    }
  }
  return names;
}

function assignmentsOf({ command, background }: Statement, last: Last): readonly PlainAssignment[] {
  if (command.type === 'AndOr' || command.type === 'Pipeline') {
    const [first] = command.commands;
    throw unquoted(command.operators[0] ?? '!', first?.type === 'Command' ? lastBefore(first, first.end, last) : last);
  }
  if (command.type !== 'Command') throw unquotedCommand(last);
  const [redirect] = command.redirects;
  if (redirect !== undefined) throw unquoted(redirect.operator, lastBefore(command, redirect.pos, last));
  const final = lastBefore(command, command.end, last);
  if (command.name !== undefined) throw noAssignment(command.name, final);
  if (background) throw unquoted('&', final);
  return command.prefix.flatMap((part) => (part.type === 'Assignment' ? [plain(part)] : []));
}

function lastBefore({ prefix }: Command, position: number, last: Last): Last {
  return prefix.reduce((name, part) => (part.type === 'Assignment' && part.end <= position ? part.name : name), last);
}

function plain({ name, value, append, index }: Extract<Command['prefix'][number], { type: 'Assignment' }>) {
  if (append) throw new BadValue(`${name} is added to by +=; write ${name}= and the whole value`);
  if (value.type !== 'Word' || index !== undefined) throw new BadValue(`${name} is an array; put its value in quotes`);
  const opened = value.text.startsWith('(') || value.parts?.some(({ type }) => type === 'ExtendedGlob');
  if (opened) throw unquoted('(', name);
  return { name, value: value.parts?.map(plainPart).join('') ?? value.value };
}

/** A part with its quotes and backslashes taken away as Bash does, and everything that Bash would expand as it is typed. */
function plainPart(part: WordPart): string {
  switch (part.type) {
    case 'Glob':
      return part.kind === 'bracket' ? `[${part.parts.map(plainPart).join('')}]` : part.value;
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return part.value;
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.map((inner) => (inner.type === 'Literal' ? inner.value : inner.text)).join('');
    case 'BraceExpansion':
      return part.parts === undefined ? withoutEscapes(part.text) : `{${part.parts.map(plainPart).join('')}}`;
    default:
      return part.text;
  }
}

/** A backslash gives the character behind it its plain meaning; with a newline it goes altogether. */
function withoutEscapes(text: string): string {
  return text.replace(/\\(\n|[^\n])/g, (_, next: string) => (next === '\n' ? '' : next));
}

function noAssignment(word: Word, last: Last): BadValue {
  const [part] = word.parts ?? [];
  if (part?.type === 'ProcessSubstitution') return unquoted(part.operator, last);
  if (word.text === 'export') return new BadValue('begins a line with export; leave it out, NAME=value is enough');
  if (last === undefined) return new BadValue('does not begin with NAME=value');
  return new BadValue(`after ${last} there is a word that is no NAME=value; put a value with spaces in quotes`);
}

function unquoted(operator: string, last: Last): BadValue {
  if (last === undefined) return new BadValue(`has ${operator} where NAME=value is right`);
  return new BadValue(`${last} has an unquoted ${operator} in or after its value; put the value in quotes`);
}

function unquotedCommand(last: Last): BadValue {
  if (last === undefined) return new BadValue('begins with a command; NAME=value is right');
  return new BadValue(`after ${last} there is a command; put its value in quotes`);
}

function unclosed(last: Last): BadValue {
  if (last === undefined) return new BadValue('has a quote or bracket that is not closed; close it');
  return new BadValue(`${last} has a quote or bracket that is not closed; close it, or put the value in quotes`);
}
