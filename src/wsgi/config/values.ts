import * as z from 'zod/mini';
import { MASK } from '../../system/mask.ts';
import { isWellFormed, toWellFormed } from '../../system/unicode.ts';

/**
 * A value that an operator or a charm's author has to mend. The message reads on after `option: `, says what is wrong and what
 * would be right, fits a status line, and holds no secret.
 */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}

/** Characters of a value that a message shows. */
const SHOWN = 40;

/** A value as a message shows it: in quotes, on one line, cut short, with no password of a URL. */
export function shown(value: unknown): string {
  if (typeof value !== 'string') return String(value);
  // What is before an @ may be a user and a password, in a URL or what was meant as one.
  const at = value.lastIndexOf('@');
  const text = at < 0 ? value : MASK + value.slice(at);
  // Cut before escaping, so that no escape sequence is cut in two.
  const characters = [...toWellFormed(text.slice(0, 2 * SHOWN))];
  const short = characters.slice(0, SHOWN).join('') + (characters.length > SHOWN ? '...' : '');
  return JSON.stringify(short).replace(INVISIBLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** What JSON leaves as it is, and a terminal or a log would not. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** @throws BadValue when a text is longer than that, in characters */
export function atMost(limit: number, text: string): string {
  if (text.length > limit) throw new BadValue(`is ${text.length} characters long; at most ${limit} are right`);
  return text;
}

/** A schema of what `read` makes of a value; what it throws as BadValue is the issue's message. */
export function reading<In, Out>(read: (value: In) => Out) {
  return z.transform((value: In, payload): Out => {
    try {
      return read(value);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      payload.issues.push({ code: 'custom', message: error.message, input: value });
      return z.NEVER;
    }
  });
}

/** An option of `type: string`: its default, and what makes a value of the text. */
export function text<Value>(fallback: string, read: (value: string) => Value) {
  return z.prefault(z.pipe(z.string({ error: ({ input }) => `${shown(input)} is not text` }), reading(read)), fallback);
}

/** An option of `type: int`. */
export function integer(fallback: number, read: (value: number) => number) {
  const type = z.number({ error: ({ input }) => `${shown(input)} is not a whole number` });
  return z.prefault(z.pipe(type, reading(read)), fallback);
}

/** An option of `type: boolean`. */
export function toggle(fallback: boolean) {
  return z.prefault(z.boolean({ error: ({ input }) => `${shown(input)} is neither true nor false` }), fallback);
}

/** A whole number from `least` to `most`; `meaning` says what of, such as `a TCP port`. */
export function wholeNumber(least: number, most: number, meaning: string): (value: number) => number {
  return (value) => {
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new BadValue(`${shown(value)} is not ${meaning}; ${least} to ${most} is right`);
  };
}

/** Seconds, up to a day. */
export const seconds = (least: number) => wholeNumber(least, 86_400, 'a number of seconds in range');

/** How many of something, where 0 may mean something of its own. */
export const count = (most: number) => wholeNumber(0, most, 'a number in range');

/** One of some words. */
export function oneOf<const Word extends string>(...choices: readonly Word[]): (text: string) => Word {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw new BadValue(`${shown(text)} is not one of the choices; ${choices.join(' or ')} is right`);
  };
}

/** Bytes of a value in the configuration of NRPE, which has a command on a line, and no more than 2048 bytes of it. */
const MOST_IN_CHECK = 512;

/** A value of a check: it must fit where a quote takes four bytes and a dollar sign two. */
export function forCheck(text: string): string {
  const bytes = Buffer.byteLength(text.replaceAll("'", "'\\''").replaceAll('$', '$$$$'));
  if (bytes <= MOST_IN_CHECK) return text;
  throw new BadValue(
    `takes ${bytes} bytes of a check, where ' counts 4 and $ counts 2; at most ${MOST_IN_CHECK} are right`,
  );
}

/** One line of text. */
export function lineOfText(text: string): string {
  if (!/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text) && isWellFormed(text)) return forCheck(text);
  throw new BadValue(`${shown(text)} has a line break or control character in it; one line of plain text is right`);
}

/** As lineOfText, and not empty. */
export function statusText(text: string): string {
  if (text.trim() === '') throw new BadValue('is empty; the status that is expected, such as 200 OK, is right');
  return lineOfText(text);
}

/** A command for Bash. Never shown: it may hold a secret. Undefined when there is none. */
export function commandLine(text: string): string | undefined {
  if (atMost(65_536, text).includes('\0')) throw new BadValue('has a NUL character in it; plain text is right');
  return text.trim() === '' ? undefined : text;
}
