/**
 * A text as a Python string literal, in ASCII. JSON is not Python: it writes a character beyond U+FFFF as two escapes, which
 * Python keeps as two halves. Source: The Python Language Reference, 2.4.1.1 "Escape sequences".
 */
export function pythonString(text: string): string {
  return `'${text.replace(/[^\x20-\x7e]|['\\]/gu, escaped)}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
