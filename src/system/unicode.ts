/**
 * Strings without halves of characters (lone surrogates), as ES2024's `isWellFormed` and `toWellFormed` have them: the
 * oldest Node that runs the charm does not know these yet. UTF-8 has no way to write a half, and puts U+FFFD for it.
 */
export function toWellFormed(text: string): string {
  return Buffer.from(text).toString();
}

export function isWellFormed(text: string): boolean {
  return toWellFormed(text) === text;
}
