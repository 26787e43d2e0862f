import { expect, test } from 'vitest';
import { lastLine } from './last-line.ts';

test.each([
  [
    'the exception of a traceback',
    'Traceback (most recent call last):\n  File "x"\n    import y\nModuleNotFoundError: No module named \'y\'\n',
    "ModuleNotFoundError: No module named 'y'",
  ],
  [
    'the reason that pip gives, not its hints',
    'ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)\nERROR: No matching distribution found for nosuch\n\n[notice] A new release of pip is available\n',
    'ERROR: Could not find a version that satisfies the requirement nosuch (from versions: none)',
  ],
  [
    'the E: line of apt',
    'Reading package lists...\nE: Unable to locate package nosuch\n',
    'E: Unable to locate package nosuch',
  ],
  [
    'the package, when dpkg failed below apt',
    'dpkg: error processing package x (--configure):\nErrors were encountered\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n',
    'dpkg: error processing package x (--configure):',
  ],
  [
    'the exception of a traceback, and not what is printed behind it',
    "Traceback (most recent call last):\n  File \"x\"\nKeyError: 'SECRET_KEY'\nType 'manage.py help' for usage.\n",
    "KeyError: 'SECRET_KEY'",
  ],
  ['no hint of usage', "Unknown command: 'migrat'\nType 'manage.py help' for usage.\n", "Unknown command: 'migrat'"],
  [
    "make's target that failed",
    'Traceback (most recent call last):\n  File "x"\nOops: 1\nmake: *** [Makefile:2: a] Error 1\n',
    'Oops: 1',
  ],
  ['the last line that says anything', 'a\nb\n\n  \n', 'b'],
  ['no colours and no control characters', '\u001b[31mred\u001b[0m\u0007\n', 'red'],
  ["a progress bar's last state", '10%\r20%\rdone', 'done'],
  ['nothing for nothing', '\n', ''],
])('%s', (_, output, expected) => {
  expect(lastLine(output)).toBe(expected);
});

test('a line that no status could carry is cut', () => {
  expect(lastLine('x'.repeat(1000))).toHaveLength(300);
});
