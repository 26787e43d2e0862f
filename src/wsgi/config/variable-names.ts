import { isWellFormed } from '../../system/unicode.ts';
import { atMost, BadValue, shown } from './values.ts';

/** Bytes of `NAME=value` and the NUL behind it that Linux passes to a process: MAX_ARG_STRLEN of execve(2). */
const MOST_BYTES_EACH = 131_072;

/** Bytes of the whole environment: half of what execve(2) leaves for environment and arguments. */
export const MOST_BYTES = 1_048_576;

/** What systemd, the launcher and gunicorn themselves are told by. */
const RESERVED = /^(PATH|LISTEN_.*|NOTIFY_SOCKET|GUNICORN_CMD_ARGS)$/;

/**
 * Checks what an operator or an application may set.
 *
 * @throws BadValue naming the variable, never showing its value
 */
export function checkVariable(name: string, value: string): void {
  if (RESERVED.test(name)) throw new BadValue(`${name} cannot be set: the service itself needs it; leave it out`);
  const reason = unfit(name, value);
  if (reason !== undefined) throw new BadValue(`${name} ${reason}`);
}

/**
 * Why a variable cannot reach a process by systemd's EnvironmentFile=; undefined when it can.
 * Source: env_name_is_valid, env_value_is_valid and unichar_is_valid of systemd, which drop others with a line in the journal.
 */
export function unfit(name: string, value: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return 'is not a name of letters, digits and _';
  if (value.includes('\r')) return 'holds a carriage return; save the text with Unix line ends';
  if (CONTROL.test(value)) return 'holds a control character; encode it, in Base64 for example';
  if (!isWellFormed(value) || NONCHARACTER.test(value))
    return 'holds something that is not a Unicode character; encode it';
  const bytes = Buffer.byteLength(name) + Buffer.byteLength(value) + 2;
  if (bytes > MOST_BYTES_EACH) return `is ${bytes} bytes long; Linux takes at most ${MOST_BYTES_EACH}`;
  return undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/;
const NONCHARACTER = /\p{Noncharacter_Code_Point}/u;

/** The name of one variable; undefined for an empty one. @throws BadValue for a name that no process can be given */
export function variableName(name: string): string | undefined {
  if (atMost(128, name) === '') return undefined;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new BadValue(
      `${shown(name)} is not the name of a variable; letters, digits and _ are right, as in SECRET_KEY`,
    );
  }
  checkVariable(name, '');
  return name;
}
