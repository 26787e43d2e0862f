import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { withExec } from './shell-command.ts';

test.each([
  ['python worker.py a', 'exec python worker.py a'],
  ['FOO=1 BAR="a b" celery -A x worker > /dev/null 2>&1', 'FOO=1 BAR="a b" exec celery -A x worker > /dev/null 2>&1'],
  ['./bin/worker --name "$HOSTNAME"', 'exec ./bin/worker --name "$HOSTNAME"'],
])('%s: the shell becomes the program', (command, expected) => {
  expect(withExec(command)).toBe(expected);
});

test.each([
  'echo a | tee b',
  'migrate && worker',
  'a; b',
  'worker &',
  '! worker',
  '(worker)',
  'exec worker',
  'cd sub',
  '"$WORKER" a',
  '$(which python) a',
  'FOO=1',
  'while true; do worker; done',
  'worker "unclosed',
  '',
])('%s: stays as it is', (command) => {
  expect(withExec(command)).toBe(command);
});

test('the shell of this machine runs both alike', () => {
  const run = (command: string) => execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
  for (const command of ['A="x y" env sh -c "echo \\$A"', 'env printf %s "$HOME" \'a  b\'']) {
    expect(run(withExec(command))).toBe(run(command));
  }
});
