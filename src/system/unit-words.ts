/** Words of systemd's own syntax. Source: systemd.syntax(7), systemd.service(5) "Command lines", systemd.unit(5) "Specifiers". */

/**
 * One word of a list, such as Environment= or ReadWritePaths=, whatever is in it: in double quotes where it must be, with C
 * escapes, and with specifiers (`%`) doubled so that they stay what they are.
 */
export function unitWord(text: string): string {
  return propertyWord(text.replaceAll('%', '%%'));
}

/** As {@link unitWord}, for a property given to `systemd-run -p`, where systemd replaces no specifiers. */
export function propertyWord(text: string): string {
  if (/^[\w%+=:,./@-]+$/.test(text)) return text;
  return `"${text.replace(ESCAPED, (character) => ESCAPES[character] ?? hexadecimal(character))}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped.
const ESCAPED = /[\u0000-\u001f\u007f"\\]/g;
const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' };

function hexadecimal(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

/** A command line. In arguments, and not in the program's path, systemd replaces `$NAME`, and `$$` by `$`. */
export function commandLine([program = '', ...args]: readonly string[]): string {
  return [unitWord(program), ...args.map((word) => unitWord(word.replaceAll('$', '$$$$')))].join(' ');
}

/** A path or other value that stands alone, where quotes would be part of it: only specifiers are meant otherwise. */
export function unitValue(text: string): string {
  return text.replaceAll('%', '%%');
}

/**
 * A text as part of the name of a unit, as systemd-escape(1) writes it.
 *
 * @see systemd.unit(5) "String Escaping for Inclusion in Unit Names"
 */
export function unitNamePart(text: string): string {
  return [...Buffer.from(text)]
    .map((byte, index) => {
      const character = String.fromCharCode(byte);
      if (character === '/') return '-';
      const plain = /[A-Za-z0-9:_.]/.test(character) && !(index === 0 && character === '.');
      return plain ? character : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/** What {@link unitNamePart} made a part of a unit's name from. */
export function fromUnitNamePart(part: string): string {
  const bytes = part.replace(/\\x([0-9a-f]{2})|-/g, (_, code: string | undefined) =>
    code === undefined ? '/' : String.fromCharCode(Number.parseInt(code, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}
