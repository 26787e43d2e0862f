import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { loadAll } from 'js-yaml';
import { afterAll, describe, expect, test } from 'vitest';
import { TYPES_FILE } from '../../packages/charm-build/charm-types.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { undescribedFlags } from '../../scripts/docs/flags.ts';
import { generated } from '../../scripts/docs/generated.ts';
import { anchorsOf, linksOf, readPage } from '../../scripts/docs/pages.ts';
import { statusLines } from '../../scripts/docs/statuses.ts';
import { commands, misfit } from '../../scripts/docs/verbs.ts';
import { docPages } from '../setup/doc-pages.ts';

const all = docPages();
const LANGUAGES = ['sh', 'console', 'text', 'ts', 'typescript', 'python', 'yaml', 'json'];

describe('pages made from code', () => {
  test('are what the code says', async () => {
    for (const [path, text] of await generated()) {
      expect(readFileSync(join(PROJECT, 'docs', path), 'utf8'), `docs/${path}: npm run docs`).toBe(text);
    }
  });

  test('describe every flag of the layer, and no other', () => {
    expect(undescribedFlags()).toEqual([]);
  });
});

describe('the page of status lines', () => {
  const { text } = readPage(PROJECT, 'docs/reference/status.md');
  const section = (title: string) => text.split(/^## /m).find((part) => part.startsWith(title)) ?? '';
  const both = `${section('Blocked')}${section('Actions')}`;

  test('says what every line means that the code can say', () => {
    const lines = statusLines();
    expect(lines.length).toBeGreaterThan(40);
    const missing = lines.filter(({ status, fixed }) => {
      const said = [...(status === 'blocked' ? both : section('Waiting')).matchAll(/`([^`]+)`/g)].map(
        ([, line = '']) => line,
      );
      return !said.some((line) => holdsInOrder(line, fixed));
    });
    expect(missing.map(({ status, place }) => `${status}: ${place}`)).toEqual([]);
  });

  test('would miss one that it does not say', () => {
    expect(holdsInOrder('build r2: it is gone; try again', ['build', '; try again'])).toBe(true);
    expect(holdsInOrder('build r2: it is gone', ['build', '; try again'])).toBe(false);
  });
});

describe.each(all.map((page) => [page.path, page] as const))('%s', (path, { text, blocks }) => {
  test('links to what is there', () => {
    const broken = linksOf(text).filter((href) => {
      if (/^[a-z]+:/.test(href)) return false;
      const [file = '', anchor] = href.split('#');
      const target = file === '' ? path : normalize(join(dirname(path), file));
      if (!existsSync(join(PROJECT, target))) return true;
      return anchor !== undefined && !anchorsOf(readFileSync(join(PROJECT, target), 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('says of every code block what it is, and what is data can be read', () => {
    for (const { language, code } of blocks) {
      expect(LANGUAGES, code).toContain(language);
      if (language === 'yaml') expect(() => loadAll(code), code).not.toThrow();
      if (language === 'json') expect(() => JSON.parse(code), code).not.toThrow();
      if (language === 'python')
        execFileSync('python3', ['-c', 'import sys; compile(sys.stdin.read(), "-", "exec")'], { input: code });
    }
  });

  test('shows only commands that there are, with options that they take', () => {
    for (const { language, code } of blocks) {
      if (language !== 'console') continue;
      const lines = code.split('\n').filter((line) => line.startsWith('$ '));
      for (const line of lines) expect(wrongWith(line.slice(2)), line).toBeUndefined();
    }
  });
});

describe('the TypeScript of the pages', () => {
  // Below the project, so that layer-wsgi is this very package.
  mkdirSync(join(PROJECT, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(PROJECT, 'dist/docs-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('compiles', () => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../tsconfig.json',
        // An example ends with what a reader goes on with.
        compilerOptions: { noUnusedLocals: false },
        include: ['reactive/*.ts'],
        exclude: [],
      }),
    );
    // As in a charm that was just begun.
    copyFileSync(join(PROJECT, 'packages/charm-build/skeleton', TYPES_FILE), join(folder, TYPES_FILE));
    mkdirSync(join(folder, 'reactive'));
    for (const { path, blocks } of all) {
      for (const [index, { code }] of blocks.filter(({ language }) => language === 'ts').entries()) {
        const file = join(folder, 'reactive', `${path.replaceAll(/\W/g, '-')}-${index}.ts`);
        writeFileSync(file, `${imported(code, path)}${code}\nexport {};\n`);
      }
    }
    const { stdout } = spawnSync(join(PROJECT, 'node_modules/.bin/tsc'), ['--project', folder], { encoding: 'utf8' });
    // What is wrong elsewhere in the project is told elsewhere.
    expect(stdout.split('\n').filter((line) => line.startsWith('dist/docs-'))).toEqual([]);
  });
});

function holdsInOrder(line: string, parts: readonly string[]): boolean {
  let from = 0;
  return parts.every((part) => {
    const at = line.indexOf(part, from);
    from = at + part.length;
    return at >= 0;
  });
}

/** What the example of a reference page leaves to its readers: the import of what the page is about, and what they have. */
function imported(code: string, path: string): string {
  const [, entry] = /^docs\/reference\/api-(\w+)\.md$/.exec(path) ?? [];
  if (entry === undefined) return '';
  const isMissing = (name: string) =>
    new RegExp(`(?:^|\\.{3}|[^\\w.'])${name}\\b(?!')`).test(code) &&
    !new RegExp(`(?:const|let|import) \\{[^}]*\\b${name}\\b[^}]*\\} (?:=|from)|const ${name}\\b`).test(code);
  const exported = [...readFileSync(join(PROJECT, path), 'utf8').matchAll(/^## (\w+)$/gm)].map(([, name = '']) => name);
  const lines = Object.entries(HAVE).map(([name, declared]) => (isMissing(name) ? declared.replace('NAME', name) : ''));
  return [`import { ${exported.filter(isMissing).join(', ')} } from 'layer-wsgi/${entry}';`, ...lines, ''].join('\n');
}

/** What a reader has who looks at an example. */
const HAVE: Readonly<Record<string, string>> = {
  charm: `declare const NAME: import('layer-wsgi/testing').Charm;`,
  juju: `declare const NAME: import('layer-wsgi/juju').HookContext;`,
  api: `declare const NAME: import('layer-wsgi/reactive').HandlerApi & import('layer-wsgi/reactive').State;`,
  handlers: `declare const NAME: import('layer-wsgi/reactive').Handler[];`,
  existsSync: `import { NAME } from 'node:fs';`,
  readFileSync: `import { NAME } from 'node:fs';`,
  writeFileSync: `import { NAME } from 'node:fs';`,
  expect: `import { NAME } from 'vitest';`,
  test: `import { NAME } from 'vitest';`,
};

/** What a reader would be told who typed this line. */
function wrongWith(line: string): string | undefined {
  const [program = '', ...words] = wordsOf(line);
  if (program === 'juju') return wrongWithVerb(words);
  if (program === 'npx' && words[0] === 'wsgi-charm') {
    if (words[1] === 'local')
      return wrongWithVerb(words.slice(2).filter((word, at, list) => word !== '-m' && list[at - 1] !== '-m'));
    const command = commands().build.find((each) => each.name() === words[1]);
    return command ? misfit(command, words.slice(2)) : `no command ${words[1]}`;
  }
  if (program === 'npm') return wrongWithScript(words);
  if (program === 'make') {
    const makefile = readFileSync(join(PROJECT, 'Makefile'), 'utf8');
    return words.filter((word) => !word.includes('=')).every((target) => makefile.includes(`\n${target}:`))
      ? undefined
      : `no such target`;
  }
  return undefined;
}

function wrongWithVerb([verb = '', ...words]: readonly string[]): string | undefined {
  const command = commands().local.commands.find((each) => each.name() === verb || each.aliases().includes(verb));
  return command ? misfit(command, words) : `the local model has no verb ${verb}`;
}

function wrongWithScript([verb = '', name = '']: readonly string[]): string | undefined {
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  const script = verb === 'run' ? name : verb;
  return Object.hasOwn(scripts, script) || ['install', 'ci', 'pack'].includes(script)
    ? undefined
    : `no script ${script}`;
}

/** The words of a command line, as Bash has them. */
function wordsOf(line: string): string[] {
  const asked = spawnSync('bash', ['-c', `set -f; words() { printf '%s\\0' "$@"; }; words ${line}`], {
    encoding: 'utf8',
  });
  return asked.stdout.split('\0').slice(0, -1);
}
