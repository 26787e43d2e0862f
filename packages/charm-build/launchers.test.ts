import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LAUNCHER, launcherPaths } from './launchers.ts';
import { Actions, Metadata } from './metadata.ts';
import { readTree } from './tree.ts';
import { readYaml } from './yaml.ts';

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');

test('hooks/ and actions/ are those of metadata.yaml and actions.yaml (npm run check -- --write makes them so)', async () => {
  const metadata = await readYaml(join(project, 'metadata.yaml'), Metadata);
  const actions = await readYaml(join(project, 'actions.yaml'), Actions);
  const present = [
    ...(await readTree(join(project, 'hooks'), 'hooks')),
    ...(await readTree(join(project, 'actions'), 'actions')),
  ];
  expect(present.map(([path]) => path).sort()).toEqual(launcherPaths(metadata, actions).sort());
  for (const [path, node] of present) {
    expect(node, path).toMatchObject({ kind: 'copy', executable: true });
    expect(await readFile(join(project, path), 'utf8'), path).toBe(LAUNCHER);
  }
});

test('a charm gets a launcher for each step of every endpoint, peers included, and of every storage', () => {
  const paths = launcherPaths(
    {
      name: 'x',
      summary: '',
      description: '',
      provides: { website: { interface: 'http' } },
      peers: { cluster: { interface: 'x-peers' } },
      storage: { data: { type: 'filesystem' } },
    },
    { restart: {} },
  );
  for (const step of ['created', 'joined', 'changed', 'departed', 'broken']) {
    expect(paths).toContain(`hooks/website-relation-${step}`);
    expect(paths).toContain(`hooks/cluster-relation-${step}`);
  }
  expect(paths).toEqual(
    expect.arrayContaining(['hooks/data-storage-attached', 'hooks/data-storage-detaching', 'actions/restart']),
  );
});

describe('a launcher', () => {
  let charm: string;
  let bin: string;

  beforeEach(async () => {
    charm = join(await mkdtemp(join(tmpdir(), 'launcher-')), 'charm dir');
    bin = join(charm, 'programs');
    for (const folder of ['hooks', 'actions', 'lib', 'programs']) await mkdir(join(charm, folder), { recursive: true });
    await symlink(join(project, 'packages/charm-build/launch.sh'), join(charm, 'lib/launch.sh'));
    await writeFile(join(charm, 'lib/entry.cjs'), 'console.log(JSON.stringify(process.argv.slice(1)));');
    for (const path of ['hooks/install', 'actions/set-current-symlink']) await program(path, LAUNCHER);
  });
  afterEach(() => rm(join(charm, '..'), { recursive: true }));

  async function program(path: string, text: string): Promise<void> {
    await writeFile(join(charm, path), text);
    await chmod(join(charm, path), 0o755);
  }
  /** A stand-in for a program of the unit: prints its name and arguments. */
  async function standIn(name: string, text = `echo "${name} $*"`): Promise<void> {
    await program(`programs/${name}`, `#!/bin/sh\n${text}\n`);
  }
  async function bundledRuntime(): Promise<void> {
    await mkdir(join(charm, 'runtime/bin'), { recursive: true });
    await symlink(process.execPath, join(charm, 'runtime/bin/node'));
  }
  /** PATH has nothing but the stand-ins, so that no Node of this machine is found. */
  async function launch(path: string, env: Record<string, string> = {}): Promise<string> {
    const { stdout } = await run(path, ['label=r2'], { cwd: charm, env: { PATH: bin, ...env } });
    return stdout.trim();
  }

  test('hands over to the runtime of the charm, which learns what was called', async () => {
    await bundledRuntime();
    expect(JSON.parse(await launch(join(charm, 'hooks/install')))).toEqual([
      join(charm, 'lib/entry.cjs'),
      join(charm, 'hooks/install'),
      'label=r2',
    ]);
  });

  test('notes each hook that begins, where the charm has a store, and runs it where it cannot', async () => {
    await bundledRuntime();
    const begun = join(charm, '.reactive.json.begun');
    await launch(join(charm, 'hooks/install'));
    await expect(readFile(begun)).rejects.toThrow('ENOENT');
    await writeFile(join(charm, '.reactive.json'), '{}');
    await launch(join(charm, 'hooks/install'));
    await launch(join(charm, 'hooks/install'));
    expect(await readFile(begun, 'utf8')).toBe('\n\n');
    await rm(begun);
    await mkdir(begun);
    expect(JSON.parse(await launch(join(charm, 'hooks/install')))).toHaveLength(3);
  });

  test('works by hand, from the charm directory, with and without the environment of Juju', async () => {
    await bundledRuntime();
    const called = [join(charm, 'lib/entry.cjs'), 'actions/set-current-symlink', 'label=r2'];
    expect(JSON.parse(await launch('actions/set-current-symlink'))).toEqual(called);
    expect(JSON.parse(await launch('actions/set-current-symlink', { JUJU_CHARM_DIR: charm }))).toEqual(called);
  });

  test.each(['v18.19.0', 'v20.5.1', 'v22.0.0'])(
    'takes a Node of the machine that is new enough, %s, when the charm carries none',
    async (version) => {
      await standIn('node', `if [ "$1" = --version ]; then echo ${version}; else echo "system $2"; fi`);
      expect(await launch(join(charm, 'hooks/install'))).toBe(`system ${join(charm, 'hooks/install')}`);
    },
  );

  test.each([
    ['v12.22.9', 'hooks/install', 'status-set blocked'],
    ['v16.20.2', 'actions/set-current-symlink', 'action-fail'],
    ['v18.18.2', 'hooks/install', 'status-set blocked'],
    ['v20.4.0', 'hooks/install', 'status-set blocked'],
  ])('with Node %s and none to be had from apt, %s says so by %s and succeeds', async (version, path, said) => {
    await standIn('node', `echo ${version}`);
    await standIn('apt-cache', 'echo "  Candidate: 12.22.9~dfsg-1ubuntu3"');
    await standIn('apt-get', ':');
    await standIn('sed', 'exec /usr/bin/sed "$@"');
    await standIn('status-set');
    await standIn('action-fail');
    const output = await launch(join(charm, path));
    expect(output).toMatch(new RegExp(`^${said} no Node 18\\.19 or newer: `));
  });

  test('installs a Node from apt where that is new enough', async () => {
    await standIn('apt-cache', 'echo "  Candidate: 2:18.19.1+dfsg-6ubuntu5"');
    await standIn('sed', 'exec /usr/bin/sed "$@"');
    await standIn(
      'apt-get',
      `/bin/printf '#!/bin/sh\\n[ "$1" = --version ] && echo v18.19.1 || echo "installed $2"\\n' > '${bin}/node'; /bin/chmod +x '${bin}/node'`,
    );
    expect(await launch(join(charm, 'hooks/install'))).toBe(`installed ${join(charm, 'hooks/install')}`);
  });
});
