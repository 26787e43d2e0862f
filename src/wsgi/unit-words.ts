/** Words of systemd's own syntax. Source: systemd.syntax(7), systemd.service(5) "Command lines", systemd.unit(5) "Specifiers". */

/**
 * One word of a command line or of a list of assignments, whatever is in it: in double quotes where it must be, with C
 * escapes, and with specifiers (`%`) and, in commands, variables (`$`) doubled so that they stay what they are.
 */
export function unitWord(text: string, { command = false }: { readonly command?: boolean } = {}): string {
  const plain = text.replaceAll('%', '%%');
  const literal = command ? plain.replaceAll('$', '$$$$') : plain;
  if (/^[\w@%+=:,./$-]+$/.test(literal) && !/^[-@+!:]/.test(literal)) return literal;
  return `"${literal.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r')}"`;
}

/** A command line: the program and its arguments. */
export function commandLine(argv: readonly string[]): string {
  return argv.map((word) => unitWord(word, { command: true })).join(' ');
}

/** A path or other value that stands alone, where quotes would be part of it: only specifiers are meant otherwise. */
export function unitValue(text: string): string {
  return text.replaceAll('%', '%%');
}
