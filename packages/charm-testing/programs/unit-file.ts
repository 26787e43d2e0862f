/** As much of systemd's unit files as a service of a test needs. Source: systemd.syntax(7), systemd.exec(5). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Values of each setting, in order, drop-ins after the unit itself; an empty value takes back what came before it. */
export type UnitSettings = ReadonlyMap<string, readonly string[]>;

const FOLDERS = ['/etc/systemd/system', '/run/systemd/system', '/lib/systemd/system', '/usr/lib/systemd/system'];

/** Path of a unit's file below `root`, that of its template for an instance; undefined when there is none. */
export function unitPath(root: string, unit: string): string | undefined {
  const names = [unit, ...(templateOf(unit) ?? [])];
  const paths = names.flatMap((name) => FOLDERS.map((folder) => `${root}${folder}/${name}`));
  return paths.find((path) => existsSync(path));
}

/** `worker@.service` for `worker@1.service`. */
function templateOf(unit: string): [string] | undefined {
  const [, prefix, suffix] = /^([^@]+@)[^@]+(\.[a-z]+)$/.exec(unit) ?? [];
  return prefix === undefined ? undefined : [`${prefix}${suffix}`];
}

export function readUnit(root: string, unit: string): UnitSettings {
  const folders = [...(templateOf(unit) ?? []), unit].map((name) => `${root}${FOLDERS[0]}/${name}.d`);
  const dropIns = folders.flatMap((folder) =>
    (existsSync(folder) ? readdirSync(folder).sort() : []).map((name) => `${folder}/${name}`),
  );
  const files = [unitPath(root, unit), ...dropIns];
  const settings = new Map<string, string[]>();
  for (const file of files) {
    for (const line of file === undefined ? [] : joinedLines(readFileSync(file, 'utf8'))) {
      const [, name = '', value = ''] = /^([A-Za-z]+)=(.*)$/.exec(line.trim()) ?? [];
      if (name === '') continue;
      settings.set(name, value === '' ? [] : [...(settings.get(name) ?? []), value]);
    }
  }
  return settings;
}

/** The service that a socket starts. */
export function serviceOf(root: string, socket: string): string {
  return readUnit(root, socket).get('Service')?.at(-1) ?? socket.replace(/\.socket$/, '.service');
}

/** Services and sockets that have a file. */
export function unitFiles(root: string): string[] {
  const folder = `${root}${FOLDERS[0]}`;
  return existsSync(folder) ? readdirSync(folder).filter((name) => /\.(service|socket)$/.test(name)) : [];
}

/** Socket units that have a file. */
export function socketFiles(root: string): string[] {
  return unitFiles(root).filter((name) => name.endsWith('.socket'));
}

/** The units that some settings of a unit name, each of which may name several. */
export function namedUnits(unit: UnitSettings, ...settings: readonly string[]): string[] {
  return settings.flatMap((setting) => unit.get(setting) ?? []).flatMap((value) => value.split(/\s+/));
}

function joinedLines(text: string): string[] {
  return text
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => !/^\s*[#;]/.test(line));
}

/** What the service's process has in its environment: Environment=, then EnvironmentFile=. */
export function serviceEnvironment(unit: UnitSettings): Record<string, string> {
  const inline = (unit.get('Environment') ?? []).flatMap(words);
  const files = (unit.get('EnvironmentFile') ?? []).map((path) => path.replace(/^-/, ''));
  const fromFiles = files.flatMap((path) => (existsSync(path) ? assignments(readFileSync(path, 'utf8')) : []));
  return Object.fromEntries([...inline, ...fromFiles].flatMap(assignment));
}

/** Words of a line, quotes and C escapes undone. */
function words(line: string): string[] {
  return [...line.matchAll(/"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|(\S+)/g)].map(([, double, single, plain]) =>
    unescaped(double ?? single ?? plain ?? '').replaceAll('%%', '%'),
  );
}

/** Lines of an environment file; a quoted value goes on over lines. */
function assignments(text: string): string[] {
  const found = text.matchAll(/^\s*([A-Za-z_][A-Za-z0-9_]*)=(?:"((?:\\[\s\S]|[^"\\])*)"|'([^']*)'|([^\n]*))/gm);
  return [...found].map(([, name, double, single, plain]) => {
    const value = double === undefined ? (single ?? plain ?? '') : double.replace(/\\([\s\S])/g, '$1');
    return `${name}=${value}`;
  });
}

function unescaped(word: string): string {
  return word
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t')
    .replace(/\\(["'\\])/g, '$1');
}

function assignment(text: string): [string, string][] {
  const equals = text.indexOf('=');
  return equals < 1 ? [] : [[text.slice(0, equals), text.slice(equals + 1)]];
}
