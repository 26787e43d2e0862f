/** How yaml.v2 (a port of libyaml) writes one string: plain where it may, else 'single', "double" or a literal block. */

const WIDTH = 80;

/** Words that YAML 1.1 reads as null or a boolean, so that as strings they are quoted. */
const WORDS = new Set(
  ['', '~', 'null', 'Null', 'NULL', '<<', '.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF']
    .concat(['-.inf', '-.Inf', '-.INF', 'y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
    .concat(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']),
);

const NUMBER =
  /^([-+]?[0-9][0-9_]*|[-+]?0b[01_]+|0o[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)$/;
const BASE60 = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}([Tt\s]+\d{1,2}:\d{1,2}:\d{1,2}(\.\d*)?\s*(Z|[-+]\d{1,2}(:?\d{2})?)?)?$/;

/** @param column where the text begins on its line; @param key a key stays on one line */
export function scalar(text: string, indent: number, column: number, key = false): string {
  if (!isString(text)) return doubleQuoted(text, indent, column, key);
  const can = analyse(text);
  if (text.includes('\n')) return can.block && !key ? literal(text, indent) : doubleQuoted(text, indent, column, key);
  if (can.plain) return key ? text : fold(text, indent, column);
  if (can.single) return `'${fold(text.replaceAll("'", "''"), indent, column + 1, key)}'`;
  return doubleQuoted(text, indent, column, key);
}

/** Would a reader take it, unquoted, for a string? */
function isString(text: string): boolean {
  return !(WORDS.has(text) || NUMBER.test(text) || BASE60.test(text) || TIMESTAMP.test(text));
}

function analyse(text: string): { readonly plain: boolean; readonly single: boolean; readonly block: boolean } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what libyaml calls not printable
  const special = /[\x00-\x09\x0b-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/u.test(text);
  const spaceBreak = / \n/.test(text);
  const breakSpace = /\n /.test(text);
  const edge = /^[ \n]|[ \n]$/.test(text);
  const indicator =
    /^(---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:](\s|$)/.test(text) ||
    /^-(\s|$)/.test(text) ||
    /:(\s|$)/.test(text) ||
    /\s#/.test(text);
  return {
    plain: text !== '' && !(indicator || edge || special || spaceBreak || breakSpace || text.includes('\n')),
    single: !(special || spaceBreak || breakSpace),
    block: !(special || spaceBreak || text.endsWith(' ')),
  };
}

/** Breaks at a blank once the line is past its width; a reader puts the blank back. */
function fold(text: string, indent: number, column: number, key = false): string {
  if (key || column + text.length <= WIDTH) return text;
  let [out, at] = ['', column];
  const chars = [...text];
  chars.forEach((char, i) => {
    const between = i > 0 && i < chars.length - 1 && chars[i - 1] !== ' ' && chars[i + 1] !== ' ';
    if (char === ' ' && at > WIDTH && between) {
      out += `\n${' '.repeat(indent)}`;
      at = indent;
    } else {
      out += char;
      at += 1;
    }
  });
  return out;
}

function literal(text: string, indent: number): string {
  const pad = ' '.repeat(Math.max(indent, 2));
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const chomp = !text.endsWith('\n') ? '-' : text.endsWith('\n\n') || text === '\n' ? '+' : '';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  const lines = body.split('\n').map((line) => (line === '' ? '' : pad + line));
  return `|${hint}${chomp}\n${lines.join('\n')}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string, indent: number, column: number, key: boolean): string {
  let [out, at] = ['"', column + 1];
  const chars = [...text];
  chars.forEach((char, i) => {
    if (char === ' ' && !key && at > WIDTH && i > 0 && i < chars.length - 1) {
      out += `\n${' '.repeat(indent)}${chars[i + 1] === ' ' ? '\\' : ''}`;
      at = indent;
      return;
    }
    const shown = ESCAPES[char] ?? escaped(char);
    out += shown;
    at += shown.length;
  });
  return `${out}"`;
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code >= 0x20 && code !== 0x7f && !(code > 0x7f && code < 0xa0) && code !== 0xfeff) return char;
  return code <= 0xff
    ? `\\x${code.toString(16).toUpperCase().padStart(2, '0')}`
    : `\\u${code.toString(16).toUpperCase().padStart(4, '0')}`;
}
