import type { Machine } from './machine.ts';

/**
 * A package as it is given to apt-get: a name of Debian Policy 5.6.1, and where wanted an architecture (`:i386`) and a version
 * (`=1.2-3`, Policy 5.6.12). Nothing ends in `-`: apt-get would take it as one to remove.
 */
const PACKAGE =
  /^([a-z0-9][a-z0-9+.-]*[a-z0-9+.])(:[a-z0-9]+(?:-[a-z0-9]+)*)?(=[0-9](?:[A-Za-z0-9.+:~-]*[A-Za-z0-9.+~])?)?$/;

interface Installed {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly provides: readonly string[];
}

/** Whether apt-get takes this as one package to install. */
export function isPackage(name: string): boolean {
  return PACKAGE.test(name);
}

/** Those of the packages that are not installed, or not as the architecture or version asked for. */
export async function missingPackages(machine: Machine, names: readonly string[]): Promise<string[]> {
  const wanted = [...new Set(names)];
  const patterns = wanted.map((name) => name.replace(/[:=].*$/, ''));
  const installed = wanted.length === 0 ? [] : await query(machine, patterns);
  const missing = wanted.filter((name) => !installed.some((each) => satisfies(each, name)));
  if (missing.length === 0) return [];
  const provided = new Set((await query(machine, [])).flatMap((each) => each.provides));
  const virtual = await Promise.all(
    missing.map(async (name) => provided.has(name) && (await isVirtual(machine, name))),
  );
  return missing.filter((_, i) => !virtual[i]);
}

function satisfies(installed: Installed, wanted: string): boolean {
  const [, name, architecture, version] = PACKAGE.exec(wanted) ?? [];
  if (installed.name !== name) return false;
  if (version !== undefined && version !== `=${installed.version}`) return false;
  return architecture === undefined || ['all', architecture.slice(1)].includes(installed.architecture);
}

/** Installed packages of these names; all of them when none is given. */
async function query(machine: Machine, names: readonly string[]): Promise<Installed[]> {
  const fields = ['db:Status-Status', 'Package', 'Architecture', 'Version', 'Provides'];
  const format = `${fields.map((field) => `\${${field}}`).join('\\t')}\\n`;
  const { stdout } = await machine.run('dpkg-query', ['-W', '-f', format, '--', ...names], {
    timeout: 60,
    keep: 64 * 1024 * 1024,
  });
  return stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([status]) => status === 'installed')
    .map(([, name = '', architecture = '', version = '', provides = '']) => ({
      name,
      architecture,
      version,
      provides: provides.split(', ').map((each) => each.replace(/ .*$/, '')),
    }));
}

/** Whether apt knows the name only as something that other packages provide. */
async function isVirtual(machine: Machine, name: string): Promise<boolean> {
  const { stdout } = await machine.run('apt-cache', ['show', '--', name], { timeout: 60 });
  return !/^Package: /m.test(stdout);
}
