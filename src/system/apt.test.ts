import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AptOptions, ensurePackages } from './apt.ts';
import { isPackage, missingPackages } from './dpkg.ts';
import { createScriptedMachine, type ScriptedMachine } from './programs.fixture.ts';
import { createMachine } from './real-machine.ts';

/** An apt with the packages in known/, and files of these names for what can go wrong. */
const APT_GET = `
ran "$@"
cd "$WSGI_ROOT"
has() { [ -e "$1" ]; }
while [ "$1" != install ] && [ "$1" != update ]; do
  case $1 in -q) shift;; -o) shift 2;; *) echo "E: unknown option $1"; exit 100;; esac
done
verb=$1; shift
if [ "$verb" = update ]; then
  has lists-locked && { rm lists-locked; echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)" >&2; exit 100; }
  has unreachable && { echo "W: Failed to fetch http://u:pw@mirror.invalid/dists  Could not resolve 'mirror.invalid'" >&2; exit 0; }
  has new && mv new/* known/
  exit 0
fi
has locked && { echo "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 42 (unattended-upgr)" >&2; exit 100; }
has interrupted && { echo "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem." >&2; exit 100; }
while [ "$1" != -- ]; do shift; done; shift
for name in "$@"; do has "known/\${name%%=*}" || { echo "E: Unable to locate package \${name%%=*}" >&2; bad=1; }; done
[ -n "$bad" ] && exit 100
has no-candidate && { echo "E: Package '$1' has no installation candidate" >&2; exit 100; }
has no-version && { echo "E: Version '9' for '\${1%%=*}' was not found" >&2; exit 100; }
has gone && { rm gone; echo "E: Failed to fetch http://mirror.invalid/x.deb  404  Not Found" >&2; exit 100; }
has unreachable && { echo "E: Failed to fetch http://u:pw@mirror.invalid/x.deb  Could not resolve 'mirror.invalid'" >&2; exit 100; }
has broken && { echo "dpkg: error processing package $1 (--configure):"; echo "E: Sub-process /usr/bin/dpkg returned an error code (1)" >&2; exit 100; }
env >environment
for name in "$@"; do printf 'installed\\t%s\\tamd64\\t1.0\\t\\n' "\${name%%=*}" >>status; done
`;

let scripted: ScriptedMachine;
beforeEach(() => {
  scripted = createScriptedMachine();
  scripted.program('apt-get', APT_GET);
  scripted.program('apt-cache', 'ran "$@"; cat "$WSGI_ROOT/known/$3" 2>/dev/null');
  scripted.program('dpkg', 'ran "$@"; rm -f "$WSGI_ROOT/interrupted"');
  scripted.program('dpkg-query', 'cat "$WSGI_ROOT/status" 2>/dev/null');
  mkdirSync(`${scripted.root}/known`);
  for (const name of ['libpq5', 'g++', 'make']) put(`known/${name}`);
});
afterEach(() => scripted.remove());

const put = (name: string, text = '') => writeFileSync(`${scripted.root}/${name}`, text);
const ensure = (names: string[], options: AptOptions = {}) =>
  ensurePackages(scripted.machine, names, { lockTimeout: 0, ...options });
const verbs = () =>
  scripted
    .ran()
    .filter((line) => !line.startsWith('apt-cache'))
    .map((line) => line.replace(/ -o \S+| -q| -y| --no-install-recommends/g, ''));

test('only what is missing is installed, once', async () => {
  put('status', 'installed\tmake\tamd64\t4.3\t\nconfig-files\tlibpq5\tamd64\t15\t\n');
  expect(await ensure(['libpq5', 'make', 'g++', 'g++'])).toEqual({ ok: true, installed: ['libpq5', 'g++'] });
  expect(verbs()).toEqual(['apt-get install -- libpq5 g++']);
  expect(await ensure(['libpq5', 'make', 'g++'])).toEqual({ ok: true, installed: [] });
  expect(verbs()).toHaveLength(1);
  expect(scripted.ran()[0]).toContain(' -y --no-install-recommends ');
});

test('apt waits for the lock as long as it is told, asks nothing, and gets the proxies', async () => {
  await ensure(['make'], { lockTimeout: 7, proxies: { http: 'http://u:p@proxy:3128' } });
  expect(scripted.ran()[0]).toContain('-o DPkg::Lock::Timeout=7 ');
  expect(scripted.ran()[0]).not.toContain('proxy');
  const environment = readFileSync(`${scripted.root}/environment`, 'utf8');
  expect(environment).toMatch(/^http_proxy=http:\/\/u:p@proxy:3128$/m);
  expect(environment).toMatch(/^DEBIAN_FRONTEND=noninteractive$/m);
});

test('lists are fetched only when a name is unknown, or a file has gone', async () => {
  mkdirSync(`${scripted.root}/new`);
  put('new/late');
  expect(await ensure(['late'])).toEqual({ ok: true, installed: ['late'] });
  put('gone');
  expect(await ensure(['make'])).toEqual({ ok: true, installed: ['make'] });
  expect(verbs()).toEqual([
    'apt-get install -- late',
    'apt-get update',
    'apt-get install -- late',
    'apt-get install -- make',
    'apt-get update',
    'apt-get install -- make',
  ]);
});

test('an interrupted dpkg is put right', async () => {
  put('interrupted');
  expect(await ensure(['make'])).toEqual({ ok: true, installed: ['make'] });
  expect(verbs()).toEqual(['apt-get install -- make', 'dpkg --configure -a', 'apt-get install -- make']);
});

test('a dpkg that cannot be put right is said', async () => {
  put('interrupted');
  scripted.program('dpkg', 'echo "dpkg: error processing package x (--configure):"; exit 1');
  expect(await ensure(['make'])).toEqual({
    ok: false,
    problem: 'failed',
    lastLine: 'dpkg: error processing package x (--configure):',
  });
});

test('every unknown name is named', async () => {
  expect(await ensure(['make', 'nosuch', 'other'])).toEqual({
    ok: false,
    problem: 'unknown',
    names: ['nosuch', 'other'],
  });
  put('no-candidate');
  expect(await ensure(['make'])).toEqual({ ok: false, problem: 'unknown', names: ['make'] });
  rmSync(`${scripted.root}/no-candidate`);
  put('no-version');
  expect(await ensure(['make=9'])).toEqual({ ok: false, problem: 'unknown', names: ['make=9'] });
});

test('a name that apt-get would take as something else is never given to it', async () => {
  const names = ['make-', '-o', 'a', 'A/b', 'x y', '', '$(touch x)', '../x', 'make*', '~nmake', 'make^', './x.deb'];
  expect(await ensure([...names, 'make'])).toEqual({ ok: false, problem: 'unknown', names });
  expect(scripted.ran()).toEqual([]);
});

test('a lock is told from other failures', async () => {
  put('locked');
  expect(await ensure(['make'])).toEqual({ ok: false, problem: 'locked' });
});

test('a lock on the lists is waited for as well', async () => {
  put('lists-locked');
  expect(await ensure(['nosuch'], { lockTimeout: 30 })).toEqual({ ok: false, problem: 'unknown', names: ['nosuch'] });
  expect(verbs()).toEqual([
    'apt-get install -- nosuch',
    'apt-get update',
    'apt-get update',
    'apt-get install -- nosuch',
  ]);
});

test('an index that cannot be reached is said without its password, also where the name may only be unknown', async () => {
  put('unreachable');
  const detail = expect.stringMatching(/^Failed to fetch http:\/\/\*{6}@mirror\.invalid\/\S+ {2}Could not resolve/);
  expect(await ensure(['make'])).toEqual({ ok: false, problem: 'unreachable', detail });
  expect(await ensure(['nosuch'])).toEqual({ ok: false, problem: 'unreachable', detail });
});

test('a package that cannot be configured is named', async () => {
  put('broken');
  expect(await ensure(['make'])).toEqual({
    ok: false,
    problem: 'failed',
    lastLine: 'dpkg: error processing package make (--configure):',
  });
});

test('apt that hangs ends with its time', async () => {
  scripted.program('apt-get', 'sleep 600');
  expect(await ensure(['make'], { timeout: 0.3 })).toEqual({
    ok: false,
    problem: 'failed',
    lastLine: 'apt-get took longer than 0.3 s',
  });
});

test('a version or an architecture asked for must be the one that is there', async () => {
  put('status', 'installed\tmake\tamd64\t4.3-4.1\t\ninstalled\ttzdata\tall\t2024a\t\n');
  const wanted = ['make=4.3-4.1', 'make=4.4', 'make:amd64', 'make:i386', 'tzdata:amd64', 'make:amd64=4.3-4.1'];
  expect(await missingPackages(scripted.machine, wanted)).toEqual(['make=4.4', 'make:i386']);
});

test('what is only provided by others is there when they are', async () => {
  put('status', 'installed\tgawk\tamd64\t5.1\tawk, make (= 1)\n');
  put('known/make', 'Package: make\n');
  expect(await missingPackages(scripted.machine, ['awk', 'make'])).toEqual(['make']);
});

test.runIf(existsSync('/usr/bin/dpkg-query'))('the real dpkg-query is understood', async () => {
  scripted.remove();
  const real = createMachine('');
  expect(await missingPackages(real, ['dpkg', 'no-such-package', 'dpkg=0', 'base-files'])).toEqual([
    'no-such-package',
    'dpkg=0',
  ]);
});

test('names of packages are as in Debian Policy', () => {
  for (const name of ['g++', 'libstdc++6', 'python3.11', 'zlib1g:i386', 'x11-common=1:7.7+23', '0ad']) {
    expect(isPackage(name)).toBe(true);
  }
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '1', '-', '+', '.', ':', '=', '/', ' ', '\n', '*', 'ß') }),
      (name) => {
        if (isPackage(name)) expect(name).toMatch(/^[a-z0-9][^\s/*ß]*[^-]$/);
      },
    ),
  );
});
