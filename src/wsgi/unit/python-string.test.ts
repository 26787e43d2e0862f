import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pythonString } from './python-string.ts';

test('quotes, backslashes and everything beyond ASCII are escaped', () => {
  expect(pythonString('it\'s "5" \\ é 🚀\n')).toBe(`'it\\'s "5" \\\\ \\U000000e9 \\U0001f680\\U0000000a'`);
});

test('Python reads back what was written, whatever it is', () => {
  const texts = fc.sample(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...'\'"\\\n{}$u0N')).map((all) => all.join('')),
    ),
    2000,
  );
  const program = `import json, sys\nprint(json.dumps([\n${texts.map((text) => `${pythonString(text)},\n`).join('')}]))`;
  const { stdout, stderr } = spawnSync('python3', ['-I', '-'], { input: program, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(texts);
});
