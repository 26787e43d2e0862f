/**
 * Lines of an EnvironmentFile= that systemd reads back byte for byte: in double quotes `"`, `\`, `$` and the backquote are
 * escaped, and all else stands for itself, newlines included (systemd.exec(5), EnvironmentFile=).
 */
export function renderEnvironmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.replace(/["\\$`]/g, '\\$&')}"\n`)
    .join('');
}
