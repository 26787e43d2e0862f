/**
 * The text of a file for `EnvironmentFile=` that gives a process exactly these variables: each value in double quotes,
 * with a backslash before the four characters that have a meaning there, and newlines as they are.
 * Source: systemd.exec(5), EnvironmentFile=, as of systemd 249.
 */
export function environmentFile(variables: ReadonlyMap<string, string>): string {
  return [...variables].map(([name, value]) => `${name}="${value.replace(/["\\`$]/g, '\\$&')}"\n`).join('');
}

/** The variables of a text that {@link environmentFile} made. */
export function readEnvironmentFile(text: string): Map<string, string> {
  const found = [...text.matchAll(/^([^="\n]+)="((?:[^"\\]|\\.)*)"$/gms)];
  return new Map(found.map(([, name = '', value = '']) => [name, value.replace(/\\(.)/gs, '$1')]));
}
