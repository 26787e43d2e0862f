import { expect, it } from 'vitest';
import { lastWordsIn } from './last-words.ts';

const gunicorn = (level: string, text: string) => `[2026-01-01 00:00:00 +0000] [17] [${level}] ${text}`;
const HALT = [
  gunicorn('INFO', 'Worker exiting (pid: 18)'),
  gunicorn('ERROR', 'Worker (pid:18) exited with code 3'),
  'Traceback (most recent call last):',
  '  File "gunicorn/arbiter.py", line 1, in run',
  "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
  'gunicorn3-trial.service: Main process exited, code=exited, status=1/FAILURE',
];

it('is the exception of a module that does not import', () => {
  const lines = [
    gunicorn('INFO', 'Starting gunicorn 27.0.1'),
    gunicorn('ERROR', 'Exception in worker process'),
    'Traceback (most recent call last):',
    '  File "wsgi.py", line 1, in <module>',
    "ModuleNotFoundError: No module named 'nope'",
    ...HALT,
  ];
  expect(lastWordsIn(lines)).toBe("ModuleNotFoundError: No module named 'nope'");
});

it('is the line about a callable that is not there', () => {
  const lines = [gunicorn('INFO', 'Starting gunicorn 27.0.1'), "Failed to find attribute 'nope' in 'wsgi'.", ...HALT];
  expect(lastWordsIn(lines)).toBe("Failed to find attribute 'nope' in 'wsgi'.");
});

it('is of this start, not of one before', () => {
  const lines = ['ValueError: an old one', gunicorn('INFO', 'Starting gunicorn 27.0.1'), 'bye', ...HALT];
  expect(lastWordsIn(lines)).toBe('bye');
});

it('is what gunicorn complains about where the application is silent', () => {
  const lines = [
    gunicorn('INFO', 'Starting gunicorn 27.0.1'),
    gunicorn('CRITICAL', 'WORKER TIMEOUT (pid:18)'),
    ...HALT,
  ];
  expect(lastWordsIn(lines)).toBe('WORKER TIMEOUT (pid:18)');
});

it('is nothing where nobody said anything', () => {
  expect(lastWordsIn([gunicorn('INFO', 'Starting gunicorn 27.0.1')])).toBe('');
});
