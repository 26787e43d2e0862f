import * as z from 'zod/mini';
import { MASK } from '../../system/mask.ts';
import { toWellFormed } from '../../system/unicode.ts';

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
