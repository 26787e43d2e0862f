import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Machine } from '../../src/system/machine.ts';
import { createMachine } from '../../src/system/real-machine.ts';
import { ensureVenv, pruneVenvs, type VenvSpec } from '../../src/system/venv.ts';

const wheels = join(import.meta.dirname, '../../wheels');

/** Runs what systemd would, with the directory and the environment files that it is given. */
const SYSTEMD_RUN = `#!/bin/sh
echo "$@" >>"$WSGI_ROOT/runs"
while [ "$1" != -- ]; do
  case $1 in
    WorkingDirectory=*) cd "\${1#*=}" ;;
    EnvironmentFile=*) set -a; . "\${1#*=}"; set +a ;;
  esac
  shift
done
shift
exec "$@"
`;

let root: string;
let machine: Machine;
let spec: VenvSpec;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'venv-'));
  machine = createMachine(root);
  program('systemd-run', SYSTEMD_RUN);
  program('chown', '#!/bin/sh\n');
  vi.stubEnv('PATH', `${root}/bin:${process.env.PATH}`);
  mkdirSync(`${root}/srv/r1`, { recursive: true });
  spec = { directory: '/opt/venvs', build: '/srv/r1', wheels, user: 'nobody', timeout: 300 };
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function program(name: string, text: string): void {
  mkdirSync(`${root}/bin`, { recursive: true });
  writeFileSync(`${root}/bin/${name}`, text);
  chmodSync(`${root}/bin/${name}`, 0o755);
}

function requirements(text: string): VenvSpec {
  writeFileSync(`${root}/srv/r1/requirements.txt`, text);
  return { ...spec, requirements: '/srv/r1/requirements.txt' };
}

/** A folder of packages with one wheel in it, which holds one module. */
function packages(name: string, version = '1.0'): string {
  mkdirSync(`${root}/packages`, { recursive: true });
  const script = `
import sys, zipfile
name, version, folder = sys.argv[1:]
info = f"{name}-{version}.dist-info"
with zipfile.ZipFile(f"{folder}/{name}-{version}-py3-none-any.whl", "w") as z:
    z.writestr(f"{name}.py", f"version = {version!r}\\n")
    z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n")
    z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr(f"{info}/RECORD", "")
`;
  execFileSync('python3', ['-c', script, name, version, `${root}/packages`]);
  return '/packages';
}

const python = (path: string, code: string) =>
  execFileSync(`${root}${path}/bin/python`, ['-c', code], { encoding: 'utf8' }).trim();

test('without requirements there is the gunicorn that the charm carries, once', async () => {
  const made = await ensureVenv(machine, spec);
  expect(made).toMatchObject({ ok: true, changed: true, gunicorn: '27.0.1' });
  if (!made.ok) return;
  expect(python(made.path, 'import gunicorn; print(gunicorn.__version__)')).toBe('27.0.1');
  expect(statSync(`${root}${made.path}/bin/gunicorn`).mode & 0o777).toBe(0o755);
  expect(await ensureVenv(machine, spec)).toEqual({ ...made, changed: false });
  expect(readFileSync(`${root}/runs`, 'utf8').trim().split('\n')).toHaveLength(1);
});

test('requirements come from a folder of packages, with no index asked', async () => {
  const wanted = { ...requirements('alpha\n'), pipCacheDir: packages('alpha') };
  const made = await ensureVenv(machine, wanted);
  expect(made).toMatchObject({ ok: true, gunicorn: '27.0.1' });
  if (made.ok) expect(python(made.path, 'import alpha; print(alpha.version)')).toBe('1.0');
  packages('alpha', '1.1');
  const again = await ensureVenv(machine, wanted);
  expect(again).toMatchObject({ ok: true, changed: true });
  if (again.ok) expect(python(again.path, 'import alpha; print(alpha.version)')).toBe('1.1');
});

test('a gunicorn of the requirements stays', async () => {
  const made = await ensureVenv(machine, { ...requirements('gunicorn\n'), pipCacheDir: packages('gunicorn', '99.1') });
  expect(made).toMatchObject({ ok: true, gunicorn: '99.1' });
});

test.each([
  ['3.9.2', 'Python 3.9 is too old: 3.10 or newer'],
  ['2.7.18', 'Python 2.7 is too old: 3.10 or newer'],
])('a Python of version %s is refused before pip runs', async (version, reason) => {
  program('python3', `#!/bin/sh\nprintf '/usr/bin/python\\ncpython\\n${version}\\n'\n`);
  expect(await ensureVenv(machine, spec)).toEqual({ ok: false, of: 'python3', reason });
  expect(existsSync(`${root}/opt/venvs`)).toBe(false);
});

test('requirements that cannot be met leave nothing but a sentence', async () => {
  const result = await ensureVenv(machine, { ...requirements('nosuch\n'), pipCacheDir: packages('alpha') });
  expect(result).toEqual({
    ok: false,
    of: 'requirements',
    key: expect.stringMatching(/^[0-9a-f]{16}$/),
    reason: 'pip: Could not find a version that satisfies the requirement nosuch (from versions: none)',
  });
  expect(readdirSync(`${root}/opt/venvs`).sort()).toEqual(['cache', 'wheels']);
});

test('with a folder of packages nothing may come by URL, nor from an empty folder', async () => {
  const wanted = { ...requirements('x @ https://user:secret@host.invalid/x.whl\n'), pipCacheDir: packages('alpha') };
  const result = await ensureVenv(machine, wanted);
  expect(result).toMatchObject({ ok: false, reason: expect.stringContaining('https://******@host.invalid/x.whl') });
  mkdirSync(`${root}/empty`);
  const empty = await ensureVenv(machine, { ...wanted, pipCacheDir: '/empty' });
  expect(empty).toMatchObject({ ok: false, reason: expect.stringContaining('there is nothing in /empty') });
});

test('an index that cannot be reached is the reason, not the requirement', async () => {
  const index = '-i http://user:secret@127.0.0.1:9/simple\n';
  const result = await ensureVenv(machine, requirements(`${index}nosuch\n`));
  expect(result).toMatchObject({
    ok: false,
    reason: expect.stringContaining('pip cannot reach a package index (Connection refused): Could not find'),
  });
  expect(JSON.stringify(result)).not.toContain('secret');
});

test('proxies and the application environment reach pip by files that nobody else can read', async () => {
  program(
    'systemd-run',
    `${SYSTEMD_RUN.replace('exec "$@"', '')}printf '%s|' "$https_proxy" "$TOKEN" >>"$WSGI_ROOT/seen"\nexit 1\n`,
  );
  writeFileSync(`${root}/app.env`, 'TOKEN="a b"\n');
  const proxies = { https: 'http://user:$ecret`"\\@proxy:1' };
  const result = await ensureVenv(machine, { ...requirements('alpha\n'), proxies, environmentFile: '/app.env' });
  expect(result).toMatchObject({ ok: false });
  expect(readFileSync(`${root}/seen`, 'utf8')).toBe(`${proxies.https}|a b|`);
  expect(readFileSync(`${root}/runs`, 'utf8')).not.toContain('ecret');
  expect(existsSync(`${root}/opt/venvs/pip.environment`)).toBe(false);
});

test('pip that hangs ends with its time', async () => {
  program('systemd-run', '#!/bin/sh\nexec sleep 600\n');
  program('systemctl', '#!/bin/sh\necho "$@" >"$WSGI_ROOT/stopped"\n');
  const result = await ensureVenv(machine, { ...spec, timeout: 0.5 });
  const key = expect.stringMatching(/^[0-9a-f]{16}$/);
  expect(result).toEqual({ ok: false, of: 'requirements', key, reason: 'pip took longer than 0.5 s' });
  expect(readFileSync(`${root}/stopped`, 'utf8')).toMatch(/^stop -- gunicorn3-pip-[0-9a-f]{8}\.service\n$/);
});

test('one that was interrupted is made anew', async () => {
  program('systemd-run', '#!/bin/sh\n');
  const made = await ensureVenv(machine, spec);
  if (!made.ok) throw new Error(made.reason);
  rmSync(`${root}${made.path}.json`);
  writeFileSync(`${root}${made.path}/half`, '');
  expect(await ensureVenv(machine, spec)).toMatchObject({ ok: true, changed: true });
  expect(existsSync(`${root}${made.path}/half`)).toBe(false);
});

test('one that was damaged stays where no other can be made, and is made anew where one can', async () => {
  const made = await ensureVenv(machine, spec);
  if (!made.ok) throw new Error(made.reason);
  const onDamage = vi.fn();
  rmSync(`${root}${made.path}/bin/python`);
  symlinkSync('/nowhere/python3', `${root}${made.path}/bin/python`);
  program('systemd-run', '#!/bin/sh\necho "no space left" >&2; exit 1\n');
  expect(await ensureVenv(machine, { ...spec, onDamage })).toMatchObject({ ok: false, of: 'requirements' });
  const [module = ''] = globSync(`${root}${made.path}/lib/python3*/site-packages/gunicorn/app/wsgiapp.py`);
  truncateSync(module);
  program('systemd-run', SYSTEMD_RUN);
  expect(await ensureVenv(machine, { ...spec, onDamage })).toEqual({ ...made, changed: true });
  expect(onDamage.mock.calls).toEqual([
    ['its python does not start'],
    [expect.stringMatching(/^1 of its \d+ files are gone or empty$/)],
  ]);
  expect(python(made.path, 'import gunicorn.app.wsgiapp as w; print(hasattr(w, "run"))')).toBe('True');
  const left = readdirSync(`${root}/opt/venvs`).filter((name) => name.startsWith(made.key));
  expect(left.sort()).toEqual([made.key, `${made.key}.json`]);
});

test('what is installed from the build belongs to that build and its content', async () => {
  const wanted = requirements('../../src/system/alpha.whl\n');
  const keys = new Set<unknown>();
  for (const buildDigest of ['a', 'b', 'a']) {
    program('systemd-run', '#!/bin/sh\n');
    const made = await ensureVenv(machine, { ...wanted, buildDigest });
    if (made.ok) keys.add(made.key);
  }
  expect(keys.size).toBe(2);
});

test('only what is used is kept', async () => {
  program('systemd-run', '#!/bin/sh\n');
  const first = await ensureVenv(machine, spec);
  const second = await ensureVenv(machine, { ...requirements('alpha\n'), pipCacheDir: packages('alpha') });
  if (!first.ok || !second.ok) throw new Error('not made');
  mkdirSync(`${root}/opt/venvs/0123456789abcdef`);
  const removed = await pruneVenvs(machine, '/opt/venvs', [second.key]);
  expect(removed.sort()).toEqual(['0123456789abcdef', first.key].sort());
  expect(readdirSync(`${root}/opt/venvs`).sort()).toEqual(['cache', second.key, `${second.key}.json`, 'wheels'].sort());
});
