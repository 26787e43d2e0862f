/** Environments from the files that name what an application needs, with the real pip and uv. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Machine } from '../../src/system/machine.ts';
import type { DependencyKind } from '../../src/system/project.ts';
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

const PYPROJECT = `[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["bottle==0.13.4"]
[dependency-groups]
dev = ["iniconfig==2.1.0"]
`;

/** A uv to make lock files with, and what it makes of PYPROJECT. */
let tools: string;
const locks = { uv: '', pylock: '' };
beforeAll(() => {
  tools = mkdtempSync(join(tmpdir(), 'uv-'));
  execFileSync('python3', ['-m', 'venv', join(tools, 'venv')]);
  execFileSync(join(tools, 'venv/bin/python'), ['-m', 'pip', 'install', '--quiet', 'uv==0.13.9']);
  writeFileSync(join(tools, 'pyproject.toml'), PYPROJECT);
  // It trusts what the machine trusts, as pip does: an index may have a certificate of the house.
  const env = { ...process.env, UV_SYSTEM_CERTS: '1' };
  const uv = (...args: string[]) => execFileSync(join(tools, 'venv/bin/uv'), args, { cwd: tools, env, stdio: 'pipe' });
  uv('lock');
  uv('export', '--frozen', '--no-dev', '--no-emit-project', '--format', 'pylock.toml', '-o', 'pylock.toml');
  locks.uv = readFileSync(join(tools, 'uv.lock'), 'utf8');
  locks.pylock = readFileSync(join(tools, 'pylock.toml'), 'utf8');
  execFileSync('python3', [
    '-m',
    'pip',
    'download',
    '--quiet',
    '-d',
    join(tools, 'packages'),
    'bottle==0.13.4',
    'uv==0.13.9',
  ]);
});
afterAll(() => rmSync(tools, { recursive: true }));

let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'dependencies-'));
  machine = createMachine(root);
  put('bin/systemd-run', SYSTEMD_RUN);
  put('bin/chown', '#!/bin/sh\n');
  vi.stubEnv('PATH', `${root}/bin:${process.env.PATH}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
  chmodSync(join(root, path), 0o755);
}

/** A build with these files, of which one is installed. */
function wanted(kind: DependencyKind, file: string, files: Readonly<Record<string, string>>): VenvSpec {
  for (const [name, text] of Object.entries(files)) put(`srv/r1/${name}`, text);
  const places = { directory: '/opt/venvs', build: '/srv/r1', wheels, user: 'nobody', timeout: 300 };
  return { ...places, kind, requirements: `/srv/r1/${file}` };
}

function offline(spec: VenvSpec): VenvSpec {
  put('packages/none', '');
  rmSync(join(root, 'packages'), { recursive: true });
  execFileSync('cp', ['-r', join(tools, 'packages'), join(root, 'packages')]);
  return { ...spec, pipCacheDir: '/packages' };
}

/** The distributions in the environment that was made. */
async function installed(spec: VenvSpec): Promise<string[]> {
  const made = await ensureVenv(machine, spec);
  if (!made.ok) throw new Error(made.reason);
  const lib = `${root}${made.path}/lib`;
  const [python = ''] = readdirSync(lib);
  const names = readdirSync(`${lib}/${python}/site-packages`).filter((name) => name.endsWith('.dist-info'));
  return names
    .map((name) => name.slice(0, -'.dist-info'.length))
    .filter((name) => !/^(?:gunicorn|packaging)-/.test(name));
}

describe('uv.lock', () => {
  const files = () => ({ 'pyproject.toml': PYPROJECT, 'uv.lock': locks.uv });

  test('is installed as it is locked, without groups for development, and uv is kept', async () => {
    const spec = wanted('uv-lock', 'uv.lock', files());
    expect(await installed(spec)).toEqual(['bottle-0.13.4']);
    expect(await ensureVenv(machine, spec)).toMatchObject({ ok: true, changed: false });
    const [made = ''] = readdirSync(`${root}/opt/venvs`).filter((name) => /^[0-9a-f]{16}$/.test(name));
    expect(await pruneVenvs(machine, '/opt/venvs', [])).toEqual([made]);
    expect(existsSync(`${root}/opt/venvs/uv/bin/uv`)).toBe(true);
    const changed = { ...files(), 'uv.lock': `${locks.uv}\n# another\n` };
    expect(await ensureVenv(machine, wanted('uv-lock', 'uv.lock', changed))).toMatchObject({ ok: true, changed: true });
  });

  test('comes from a folder of packages, with no index asked', async () => {
    vi.stubEnv('https_proxy', 'http://127.0.0.1:9');
    expect(await installed(offline(wanted('uv-lock', 'uv.lock', files())))).toEqual(['bottle-0.13.4']);
  });

  test('says what a folder of packages lacks', async () => {
    const spec = offline(wanted('uv-lock', 'uv.lock', files()));
    for (const name of readdirSync(`${root}/packages`)) if (name.startsWith('uv-')) rmSync(`${root}/packages/${name}`);
    expect(await ensureVenv(machine, spec)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(
        /^uv, which is needed here, cannot be installed: .*; put a wheel of uv into pip_cache_dir$/,
      ),
    });
  });

  test.each([['version = 1\n', 'uv.lock is not a lock of this pyproject.toml; run uv lock, and build again']])(
    'that is none: %j',
    async (text, reason) => {
      const result = await ensureVenv(machine, wanted('uv-lock', 'uv.lock', { ...files(), 'uv.lock': text }));
      expect(result).toMatchObject({ ok: false, of: 'requirements', reason });
    },
  );
});

describe('pylock.toml', () => {
  test('is installed by pip from where it says, or from a folder of packages', async () => {
    const spec = wanted('pylock', 'pylock.toml', { 'pylock.toml': locks.pylock });
    expect(await installed(spec)).toEqual(['bottle-0.13.4']);
    vi.stubEnv('https_proxy', 'http://127.0.0.1:9');
    expect(await installed(offline(spec))).toEqual(['bottle-0.13.4']);
  });

  test('that is no TOML says where', async () => {
    const broken = wanted('pylock', 'pylock.toml', { 'pylock.toml': 'packages = [\n' });
    await expect(ensureVenv(machine, broken)).rejects.toThrow(/^pylock\.toml is not TOML: /);
  });
});

describe('pyproject.toml', () => {
  const package_ = `${PYPROJECT}[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n`;

  test('without a build system gives what the project depends on, else the project too', async () => {
    expect(await installed(wanted('pyproject', 'pyproject.toml', { 'pyproject.toml': PYPROJECT }))).toEqual([
      'bottle-0.13.4',
    ]);
    const shop = '"""A shop."""\n';
    expect(
      await installed(
        wanted('pyproject', 'pyproject.toml', {
          'pyproject.toml': package_.replace('version = "1.0"', 'version = "1.0"\ndescription = "A shop"'),
          'shop/__init__.py': shop,
        }),
      ),
    ).toEqual(['bottle-0.13.4', 'shop-1.0']);
  });

  test('that needs another Python says which', async () => {
    const spec = wanted('pyproject', 'pyproject.toml', { 'pyproject.toml': PYPROJECT.replace('>=3.10', '>=3.15') });
    expect(await ensureVenv(machine, spec)).toMatchObject({
      ok: false,
      of: 'requirements',
      reason: expect.stringMatching(/^shop needs Python >=3\.15, and this machine has 3\.\d+: set python=3\.15$/),
    });
  });
});

describe('the option python', () => {
  const spec = (python: VenvSpec['python']) => ({
    ...wanted('requirements', 'requirements.txt', { 'requirements.txt': '' }),
    python,
  });
  /** Stands in for the uv that was installed: a release of Python cannot be downloaded here. */
  const uv = (script: string) => {
    put('opt/venvs/uv/bin/uv', `#!/bin/sh\necho "$@" >>"$WSGI_ROOT/uv-runs"\n${script}`);
    put('opt/venvs/uv.json', '{}');
  };

  test('is the program of that path, and one that is not there is named', async () => {
    const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
    expect(await ensureVenv(machine, spec({ kind: 'path', path: python }))).toMatchObject({ ok: true });
    expect(await ensureVenv(machine, spec({ kind: 'path', path: '/usr/bin/python3.99' }))).toEqual({
      ok: false,
      of: 'python3',
      reason:
        'python: /usr/bin/python3.99 does not run on this machine; name its package in apt_dependencies, or correct the path',
    });
  });

  test('is the one of the machine where that has the version, and else installed by uv, once', async () => {
    const own = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
      encoding: 'utf8',
    }).trim();
    put(`bin/python${own}`, '#!/bin/sh\nexec python3 "$@"\n');
    expect(await ensureVenv(machine, spec({ kind: 'version', version: own }))).toMatchObject({ ok: true });
    expect(existsSync(`${root}/opt/venvs/uv.json`)).toBe(false);

    put('bin/python3.99', '#!/bin/sh\nexit 127\n');
    uv(`
case $3 in
  python) [ "$4" = install ] && echo "$UV_PYTHON_INSTALL_DIR $UV_PYTHON_INSTALL_MIRROR $UV_PYTHON_DOWNLOADS" >>"$WSGI_ROOT/uv-runs"
    mkdir -p "$UV_PYTHON_INSTALL_DIR/cpython-3.99/bin"
    ln -sf "$(command -v python3)" "$UV_PYTHON_INSTALL_DIR/cpython-3.99/bin/python3.99"
    echo "$UV_PYTHON_INSTALL_DIR/cpython-3.99/bin/python3.99" ;;
  venv) python3 -m venv --without-pip "$8" ;;
esac
`);
    const python = { kind: 'version', version: '3.99' } as const;
    expect(await ensureVenv(machine, offline(spec(python)))).toMatchObject({ ok: true });
    const runs = readFileSync(`${root}/uv-runs`, 'utf8').replaceAll(root, '').trim().split('\n');
    expect(runs.slice(0, 3)).toEqual([
      '--color never python install 3.99',
      '/opt/venvs/python file:///packages manual',
      '--color never python find --managed-python --no-project 3.99',
    ]);
    expect(runs[3]).toMatch(
      /^--color never venv --no-project --allow-existing --python \/opt\/venvs\/python\/cpython-3\.99\/bin\/python3\.99 \/opt\/venvs\/[0-9a-f]{16}$/,
    );
    expect(await ensureVenv(machine, offline(spec(python)))).toMatchObject({ ok: true, changed: false });
    expect(readFileSync(`${root}/uv-runs`, 'utf8').trim().split('\n')).toHaveLength(4);
  });

  test.each([
    [
      "echo 'error: No download found for request: cpython-3.99-linux-x86_64-gnu' >&2; exit 2",
      'python: 3.99 is not on this machine, and uv cannot install it: uv: No download found for request: cpython-3.99-linux-x86_64-gnu',
    ],
    [
      "printf 'error: Failed to install cpython-3.99\\n  cause: Request failed after 3 retries\\n  cause: Connection refused (os error 111)\\n' >&2; exit 1",
      'python: 3.99 is not on this machine, and uv cannot install it: uv: Failed to install cpython-3.99: Connection refused (os error 111)',
    ],
    ['[ "$4" = install ]', 'python: 3.99 is not on this machine, and uv does not find what it installed'],
  ])('that uv cannot install says why: %s', async (script, reason) => {
    put('bin/python3.99', '#!/bin/sh\nexit 127\n');
    uv(script);
    expect(await ensureVenv(machine, spec({ kind: 'version', version: '3.99' }))).toEqual({
      ok: false,
      of: 'python3',
      reason,
    });
  });
});
