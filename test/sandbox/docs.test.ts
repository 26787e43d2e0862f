/** Types what README and docs say, page by page, in a clone of the repository, and looks for what they say comes out. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { HAPROXY, POSTGRESQL, whyNotInstalled } from '../servers/debian.ts';
import { type DocPage, docPages, missingLines } from '../setup/doc-pages.ts';

/** Pages that deploy a provider charm of examples/ need its server. */
const SERVERS = [
  { text: 'examples/postgresql-provider', server: POSTGRESQL },
  { text: 'examples/haproxy-provider', server: HAPROXY },
];
const MARK = '@@ block ';
/** Milliseconds on a computer that is busy with much else. */
const LONGEST_PAGE = 900_000;
let folder: string;
let clone: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docs-'));
  clone = join(folder, 'clone');
  const { stdout } = await promisify(execFile)(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      cwd: PROJECT,
      maxBuffer: 2 ** 24,
    },
  );
  for (const path of stdout.split('\0').filter(Boolean)) {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    // A file that was deleted and not yet committed is no part of it.
    await cp(join(PROJECT, path), join(clone, path), { verbatimSymlinks: true }).catch(() => undefined);
  }
  await symlink(join(PROJECT, 'node_modules'), join(clone, 'node_modules'));
  await quicken();
  await placeNpx();
});
afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

const runnable = docPages().filter(({ blocks }) => blocks.some(({ language }) => language === 'sh'));
test.for(runnable.map((page) => [page.path, page] as const))(
  '%s',
  { timeout: LONGEST_PAGE },
  async ([path, page], { skip }) => {
    for (const { text, server } of SERVERS) {
      const whyNot = page.text.includes(text) ? await whyNotInstalled(server) : undefined;
      if (whyNot !== undefined) skip(whyNot);
    }

    const home = join(folder, path.replaceAll(/\W/g, '-'));
    const { all, exitCode } = await execa('bash', ['-c', scriptOf(page)], {
      cwd: clone,
      env: environment(home),
      extendEnv: false,
      all: true,
      reject: false,
      timeout: LONGEST_PAGE,
    });
    expect(exitCode, all).toBe(0);
    const outputs = all
      .split(MARK)
      .slice(1)
      .map((text) => text.slice(text.indexOf('\n') + 1));
    page.blocks.forEach(({ language, file, code }, index) => {
      if (language !== 'text' || file === 'illustration') return;
      const before = page.blocks.slice(0, index).findLastIndex((block) => block.language === 'sh');
      expect(missingLines(code, outputs[before] ?? ''), outputs[before]).toEqual([]);
    });
  },
);

/** One shell for a page, so that `cd` and variables hold; the model of the page is gone at the end, however it ends. */
function scriptOf({ blocks }: DocPage): string {
  const steps = blocks.flatMap(({ language, file, code }, index) => {
    const mark = `printf '\\n%s%s\\n' '${MARK}' ${index}`;
    if (language === 'sh') return [mark, code];
    if (file === undefined || language === 'text') return [mark];
    return [mark, `mkdir -p "$(dirname ${file})"`, `cat > ${file} <<'@@ END'\n${code}\n@@ END`];
  });
  return [
    'set -eu',
    `trap 'kill $(jobs -p) 2>/dev/null || true; cd ${clone}; npx wsgi-charm local destroy >/dev/null 2>&1 || true' EXIT`,
    ...steps,
  ].join('\n');
}

/** A reader's shell, not that of npm which runs the tests. */
function environment(home: string): Record<string, string | undefined> {
  const foreign =
    /^(npm_(lifecycle|package|command|execpath|node_execpath|config_(local_prefix|user_agent)).*|INIT_CWD|NODE_.*|VITEST.*|TEST|JUJU.*|WSGI_CHARM.*)$/;
  const own = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  const path = (process.env.PATH ?? '').split(':').filter((each) => !each.includes('node_modules'));
  return {
    ...Object.fromEntries(own),
    PATH: [join(folder, 'bin'), ...path].join(':'),
    XDG_STATE_HOME: home,
    NO_COLOR: '1',
  };
}

/** The clone's charm does not watch for five seconds whether what it started stays. */
async function quicken(): Promise<void> {
  const file = join(clone, 'config.yaml');
  const text = await readFile(file, 'utf8');
  const quick = text
    .replace(/^( {2}settle_time:\n.*\n {4}default: )5$/m, '$10')
    .replace(/^( {2}workers:\n.*\n {4}default: )0$/m, '$11');
  expect(quick.length).toBe(text.length);
  expect(quick).not.toBe(text);
  await writeFile(file, quick);
}

/** npx takes a second to find the program of the package that it is called in; this one knows. */
async function placeNpx(): Promise<void> {
  const npx = (await execa('bash', ['-c', 'command -v npx'])).stdout;
  const script = [
    '#!/bin/sh',
    'if [ "$1" = wsgi-charm ] && ! [ -e node_modules/.bin/wsgi-charm ]; then',
    '  shift',
    `  exec ${process.execPath} ${join(clone, 'src/cli.ts')} "$@"`,
    'fi',
    `exec ${npx} "$@"`,
    '',
  ];
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin/npx'), script.join('\n'), { mode: 0o755 });
}
