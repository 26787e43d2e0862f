/** apt-get, apt-cache, dpkg-query and dpkg over a set of installed packages. */
import type { Programs } from '../program.ts';

/** @param packages versions by name; installing adds to it */
export function aptPrograms(packages: Map<string, string>, archive: 'any' | readonly string[]): Programs {
  const knows = (name: string) => packages.has(name) || archive === 'any' || archive.includes(name);
  return {
    'apt-get': ({ args }) => {
      const [verb, ...names] = operands(args);
      if (verb !== 'install') return {};
      const unknown = names.map(bareName).filter((name) => !knows(name));
      if (unknown.length > 0) {
        return { code: 100, stderr: unknown.map((name) => `E: Unable to locate package ${name}\n`).join('') };
      }
      for (const name of names) packages.set(bareName(name), packages.get(bareName(name)) ?? versionOf(name));
      return { stdout: `Setting up ${names.join(', ')} ...\n` };
    },
    'apt-cache show': ({ args }) => {
      const [, ...names] = operands(args);
      const known = names.filter(knows);
      return {
        code: known.length === names.length ? 0 : 100,
        stdout: known.map((name) => `Package: ${name}\n`).join(''),
      };
    },
    'dpkg-query': ({ args }) => {
      const format = args[args.indexOf('-f') + 1] ?? '';
      const names = args.includes('--') ? args.slice(args.indexOf('--') + 1) : [];
      const wanted = names.length === 0 ? [...packages.keys()] : names;
      const found = wanted.filter((name) => packages.has(name));
      const missing = wanted.filter((name) => !packages.has(name));
      return {
        code: missing.length === 0 ? 0 : 1,
        stdout: found.map((name) => filledIn(format, name, packages.get(name) ?? '')).join(''),
        stderr: missing.map((name) => `dpkg-query: no packages found matching ${name}\n`).join(''),
      };
    },
    dpkg: ({ args }) => (args.includes('--print-architecture') ? { stdout: 'amd64\n' } : {}),
  };
}

/** The verb and what it is about, without options and their values. */
function operands(args: readonly string[]): string[] {
  return args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-o');
}

function bareName(name: string): string {
  return name.replace(/[:=].*$/, '');
}

function versionOf(name: string): string {
  return /=(.*)$/.exec(name)?.[1] ?? '1.0-1';
}

function filledIn(format: string, name: string, version: string): string {
  const fields: Readonly<Record<string, string>> = {
    'db:Status-Status': 'installed',
    Status: 'install ok installed',
    Package: name,
    'binary:Package': name,
    Architecture: 'amd64',
    Version: version,
  };
  return format
    .replace(/\$\{([^}]+)\}/g, (_, field: string) => fields[field] ?? '')
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t');
}
