import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Machine } from './machine.ts';
import { createMachine } from './real-machine.ts';
import { logicalLines, readRequirements } from './requirements.ts';

let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'requirements-'));
  machine = createMachine(root);
  mkdirSync(`${root}/srv/r1`, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

function build(files: Record<string, string | Buffer>, variables?: ReadonlyMap<string, string>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(`${root}/srv/r1/${name}`), { recursive: true });
    writeFileSync(`${root}/srv/r1/${name}`, text);
  }
  return readRequirements(machine, '/srv/r1', '/srv/r1/requirements.txt', variables);
}

test('files reached by -r and -c in any spelling are read once, relative to the file that names them', () => {
  const { files } = build({
    'requirements.txt': '-r req/base.txt\n--requirement=req/more.txt # why\n-c "req/odd name.txt"\n-rreq/base.txt\n',
    'req/base.txt': 'flask\n--constraint ../limits.txt\n',
    'req/more.txt': '-r \\\n  base.txt\n',
    'req/odd name.txt': '-r ../requirements.txt\n',
    'limits.txt': '',
  });
  expect(files.map(([path]) => path)).toEqual([
    'requirements.txt',
    'req/base.txt',
    'limits.txt',
    'req/more.txt',
    'req/odd name.txt',
  ]);
});

test.each([
  '-e .',
  '--editable=./lib',
  './lib',
  '../r1',
  'lib/',
  'x @ file:///srv/x',
  'dist/x-1-py3-none-any.whl',
  'x.tar.gz',
  '-f wheels',
  '-e git+file:///srv/x',
])('%s is installed from the build', (line) => {
  expect(build({ 'requirements.txt': line }).usesBuild).toBe(true);
});

test.each([
  'flask',
  'flask[async]>=2,<3; python_version > "3.8"',
  'x==1 --hash=sha256:ab',
  '# -e .',
  '--pre',
  '-i https://u:p@h/simple',
  'x == 1 # ./y',
])('%s is not', (line) => {
  expect(build({ 'requirements.txt': line })).toMatchObject({ usesBuild: false, urls: [] });
});

test('what comes by URL is listed', () => {
  const text =
    'https://h/x.whl\nx @ git+https://h/x\n-e git+ssh://h/y#egg=y\n-r https://h/r.txt\n--find-links https://h/w\n';
  const { urls, usesBuild } = build({ 'requirements.txt': text });
  expect(urls).toEqual(['https://h/x.whl', 'git+https://h/x', 'git+ssh://h/y#egg=y', 'https://h/r.txt', 'https://h/w']);
  expect(usesBuild).toBe(false);
});

test.each([
  ['-r ../../etc/shadow', 'requirements.txt names ../../etc/shadow, which is outside of the build'],
  ['-r /etc/shadow', 'which is outside of the build'],
  ['-r missing.txt', 'requirements.txt names missing.txt, which is not in the build'],
  ['-r out.txt', 'requirements.txt names out.txt, a link that leads out of the build'],
  ['-c .', 'which is not a file'],
])('%s is refused', (line, sentence) => {
  writeFileSync(`${root}/secret`, 'secret');
  symlinkSync(`${root}/secret`, `${root}/srv/r1/out.txt`);
  expect(() => build({ 'requirements.txt': line })).toThrow(sentence);
});

test('a build reached by a link is still the build', () => {
  build({ 'requirements.txt': '-r b.txt', 'b.txt': 'flask' });
  symlinkSync('r1', `${root}/srv/current`);
  const { files } = readRequirements(machine, '/srv/current', '/srv/current/requirements.txt');
  expect(files).toEqual([
    ['requirements.txt', '-r b.txt'],
    ['b.txt', 'flask'],
  ]);
});

test('lines are joined and stripped of comments as pip does it', () => {
  expect(logicalLines('\ufeffa \\\n# no\\\nb\r\nc#d # e\n\n  \\\nf\\')).toEqual(['a', 'b', 'c#d', 'f']);
});

test('whatever stands in a file, reading it ends with a result or a sentence', () => {
  const part = fc.constantFrom(
    '-r ',
    '-c',
    '-e ',
    '\\',
    '\n',
    '#',
    '"',
    ' ',
    '=',
    './',
    '../',
    'file:',
    'a',
    '@',
    'https://',
    '\u0000',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      try {
        build({ 'requirements.txt': parts.join('') });
      } catch (error) {
        expect(error).toMatchObject({ name: 'MachineError' });
      }
    }),
  );
});

const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
const utf32 = (text: string) =>
  Buffer.concat([...text].map((each) => Buffer.from([each.codePointAt(0) ?? 0, 0, 0, 0])));

test.each([
  ['UTF-8 with its mark', Buffer.from('\ufeff-r more.txt\n')],
  ['UTF-16, little end first', Buffer.from('\ufeff-r more.txt\n', 'utf16le')],
  ['UTF-16, big end first', swapped('\ufeff-r more.txt\n')],
  ['UTF-32', Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), utf32('-r more.txt\n')])],
  ['Latin-1 as its first line says', Buffer.from('# -*- coding: iso-8859-1 -*-\n-r more.txt # \xfcber\n', 'latin1')],
  ['what no encoding is known of', Buffer.from('-r more.txt # \xfc\n', 'latin1')],
])('a file is decoded as pip decodes it: %s', (_, bytes) => {
  const { files } = build({ 'requirements.txt': bytes, 'more.txt': Buffer.from('\ufeffflask\n', 'utf16le') });
  expect(files.at(-1)).toEqual(['more.txt', 'flask\n']);
});

test('what variables stand for counts, and the files that they name', () => {
  const files = {
    'requirements.txt': ['-r $', '{STAGE}.txt\nprivate==$', '{VERSION}\n$', '{UNKNOWN}\n'].join(''),
    'prod.txt': 'flask\n',
    'limits.txt': 'flask<4\n',
  };
  const variables = (version: string) =>
    new Map([
      ['STAGE', 'prod'],
      ['VERSION', version],
      ['PIP_CONSTRAINT', '/etc/limits.txt limits.txt'],
    ]);
  const first = build(files, variables('1'));
  expect(first.files.map(([path]) => path)).toEqual(['requirements.txt', 'prod.txt', 'limits.txt', '']);
  expect(build(files, variables('2')).files).not.toEqual(first.files);
});
