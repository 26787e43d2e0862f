/** Why pip failed, and what mends it, in one line. */
import { lastLine } from './last-line.ts';
import { needsOtherPython } from './python-versions.ts';

/** A program, header or library that compilers miss, and the Debian package that has it. */
const PACKAGES: ReadonlyArray<readonly [missing: RegExp, package_: string]> = [
  [/^(?:gcc|cc|clang|[\w]+-linux-gnu-g?cc)$/, 'gcc python3-dev'],
  [/^(?:c\+\+|g\+\+|[\w]+-linux-gnu-g\+\+)$/, 'g++ python3-dev'],
  [/^make$/, 'make'],
  [/^(?:Python|pyconfig|patchlevel)\.h$/, 'python3-dev'],
  [/^(?:pg_config|libpq-fe\.h|pq)$/, 'libpq-dev'],
  [
    /^(?:mysql_config|mariadb_config|mysql\.h|mysqlclient|mariadb|libmariadb|my_config\.h)$/,
    'default-libmysqlclient-dev',
  ],
  [
    /^(?:xml2-config|xslt-config|libxml\/.*|libxslt\/.*|libexslt\/.*|xml2|xslt|exslt|libxml-2\.0|libxslt)$/,
    'libxml2-dev libxslt1-dev',
  ],
  [/^(?:ffi\.h|ffi|libffi)$/, 'libffi-dev'],
  [/^(?:openssl\/.*|ssl|crypto|openssl)$/, 'libssl-dev'],
  [/^(?:lber\.h|ldap\.h|ldap|lber|ldap_r)$/, 'libldap2-dev'],
  [/^(?:sasl\/.*|sasl\.h|sasl2)$/, 'libsasl2-dev'],
  [/^(?:jpeglib\.h|jpeg)$/, 'libjpeg-dev'],
  [/^(?:zlib\.h|zlib|z)$/, 'zlib1g-dev'],
  [/^(?:libmemcached\/.*|memcached)$/, 'libmemcached-dev'],
  [/^(?:krb5-config|gssapi\/.*|gssapi\.h|krb5\.h|gssapi_krb5)$/, 'libkrb5-dev'],
  [/^(?:curl-config|curl\/.*|curl)$/, 'libcurl4-openssl-dev'],
  [/^(?:sql\.h|sqlext\.h|odbc|odbc_config)$/, 'unixodbc-dev'],
  [/^(?:cairo\.h|cairo)$/, 'libcairo2-dev'],
  [/^(?:gdal-config|gdal\.h|gdal)$/, 'libgdal-dev'],
  [/^(?:geos-config|geos_c\.h|geos_c)$/, 'libgeos-dev'],
  [/^(?:libsystemd|systemd\/.*)$/, 'libsystemd-dev'],
  [/^(?:magic\.h|magic)$/, 'libmagic-dev'],
  [/^(?:sqlite3\.h|sqlite3)$/, 'libsqlite3-dev'],
  [/^(?:ev\.h|ev)$/, 'libev-dev'],
  [/^(?:yaml\.h|yaml)$/, 'libyaml-dev'],
  [/^(?:pcre\.h|pcre)$/, 'libpcre3-dev'],
  [/^(?:xmlsec1|xmlsec\/.*)$/, 'libxmlsec1-dev'],
  [/^(?:dbus-1|dbus\/.*)$/, 'libdbus-1-dev'],
  [/^(?:glib-2\.0|glib\.h)$/, 'libglib2.0-dev'],
  [/^(?:portaudio\.h)$/, 'portaudio19-dev'],
  [/^(?:pkg-config|pkgconf)$/, 'pkg-config'],
  [/^(?:swig)$/, 'swig'],
  [/^(?:cmake|CMake)$/, 'cmake'],
  [/^(?:ninja)$/, 'ninja-build'],
  [/^(?:git)$/, 'git'],
  [/^(?:hg)$/, 'mercurial'],
  [/^(?:rustc|cargo|Rust|Cargo)$/, 'cargo rustc'],
  [/^(?:gfortran|f77|f90)$/, 'gfortran'],
];

/** How compilers, setup scripts and pip itself say that something is not there. */
const MISSING = [
  /Error: (pg_config) executable not found/,
  /fatal error: ([\w./+-]+\.h(?:pp)?): No such file or directory/,
  /(?:\/usr\/bin\/)?ld: cannot find -l([\w+-]+)/,
  /[Ee]rror: command '(?:[\w./-]*\/)?([\w+-]+)' failed: No such file or directory/,
  /unable to execute '([\w+-]+)': No such file or directory/,
  /(?:^|\s)(?:\/bin\/sh: \d+: |sh: \d+: |bash: )?([\w+-]*(?:_config|-config|gcc|g\+\+|make|cmake|cargo|rustc|swig|gfortran)): (?:command )?not found/m,
  /you need a (?:C )?compiler.*?(gcc)/i,
  /(?:^|\s)Exception: you need a (C) compiler/,
  /Unknown compiler\(s\): \[\['?(cc|gcc)/,
  /No such file or directory: '(?:[\w./-]*\/)?([\w+-]+)'/,
  /Cannot find command '(git|hg)'/,
  /(?:Can't find|can't find|could not find|Could not find|Could not run|No package|Package) '?"?(Rust|cargo|pkg-config|CMake|mysql_config|[\w.+-]+(?=' found|' not found|, required|" not found))/,
  /(xml2-config|xslt-config)/,
  /The headers or library files could not be found for (jpeg|zlib)/,
];

/** What is wrong with a build, and how it is mended, where the output says that. */
export function explained(said: string, python: string, offline: boolean): string | undefined {
  return neededPython(said, python) ?? missingBackend(said, offline) ?? flatLayout(said) ?? missingTool(said);
}

/** `6.0 Requires-Python >=3.12; 6.0.1 Requires-Python >=3.12`, and the like for a package that is built. */
function neededPython(said: string, python: string): string | undefined {
  const [, wanted] = /No matching distribution found for (\S+)/.exec(said) ?? [];
  const [, versions = ''] = /versions that require a different python version: (.*)/.exec(said) ?? [];
  const name = wanted === undefined ? undefined : /^[\w.-]+/.exec(wanted)?.[0];
  const asked = /==([\w.]+)/.exec(wanted ?? '')?.[1];
  const all = versions.split(/; (?=\S+ Requires-Python)/).map((each) => /^(\S+) Requires-Python (.*)$/.exec(each));
  const [, , needs] = all.find((each) => each?.[1] === asked) ?? (asked === undefined ? all.at(-1) : undefined) ?? [];
  if (name !== undefined && needs !== undefined) {
    return `${wanted} needs Python ${needs}, and this machine has ${python}; ask for a version of ${name} that runs on it`;
  }
  const [, package_, range] =
    /ERROR: Package '([^']+)' requires a different Python: \S+ not in '([^']+)'/.exec(said) ?? [];
  if (package_ !== undefined) {
    return `${package_} needs Python ${range}, and this machine has ${python}; ask for one that runs on it`;
  }
  return neededByProject(said, python);
}

/** What uv says of a lock, whose members may each ask for a Python. */
function neededByProject(said: string, python: string): string | undefined {
  const [, range] = /incompatible with the project's Python requirement: `([^`]+)`/.exec(said) ?? [];
  return range === undefined ? undefined : needsOtherPython('the project', range, python);
}

/** With no index, what builds a package has to be in the folder too. */
function missingBackend(said: string, offline: boolean): string | undefined {
  if (!offline) return undefined;
  const [, package_] = /installing build dependencies for (\S+)/.exec(said) ?? [];
  const [, needs] = /satisfies the requirement (\S+).*\(from versions: /.exec(said) ?? [];
  if (package_ === undefined || needs === undefined) return undefined;
  return `${package_} is built with ${needs}, which pip_cache_dir lacks; put it there, or a wheel of ${package_} in place of its source`;
}

function flatLayout(said: string): string | undefined {
  const [, kind, found] =
    /Multiple top-level (packages|modules) discovered in a flat-layout: (\[.*\])/.exec(said) ?? [];
  if (found === undefined) return undefined;
  const key = kind === 'modules' ? 'py-modules' : 'packages';
  const names = found.replace(/[[\]']/g, '');
  return `pyproject.toml does not say which of ${names} are the package; add [tool.setuptools] ${key} = ["..."]`;
}

function missingTool(said: string): string | undefined {
  for (const pattern of MISSING) {
    const [, found] = pattern.exec(said) ?? [];
    const missing = found === 'C' ? 'gcc' : found;
    const package_ = PACKAGES.find(([names]) => missing !== undefined && names.test(missing))?.[1];
    if (missing === undefined) continue;
    const of = failedPackage(said);
    const built = of === undefined ? 'a package' : of;
    if (package_ !== undefined)
      return `${built} is built here and needs ${missing}: add ${package_} to apt_dependencies`;
    if (/\.h(?:pp)?$/.test(missing))
      return `${built} is built here and needs ${missing}; add the Debian package that has it to apt_dependencies`;
  }
  return undefined;
}

function failedPackage(said: string): string | undefined {
  return /(?:Failed to build|Failed building wheel for|Failed to build installable wheels for some pyproject\.toml based projects \(?|Building wheel for) '?([A-Za-z][\w.-]*)(?![\w:/])/.exec(
    said,
  )?.[1];
}

/** pip's own last words. */
export function pipReason(said: string, code: number): string {
  return (lastLine(said) || `exit code ${code}`)
    .replace(/^ERROR: /, '')
    .replace(/ \(from versions: (?!none)[^)]*\)?…?$/, '');
}
