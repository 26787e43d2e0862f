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

it('is of the last start that was made, where systemd is told to give up', () => {
  const start = 'Starting gunicorn3.service - gunicorn for wsgi/0...';
  const refused = [
    start,
    'gunicorn3: it died again and again: it is not started any more until somebody asks for it',
    'gunicorn3.service: Main process exited, code=exited, status=1/FAILURE',
  ];
  const lines = [
    start,
    gunicorn('INFO', 'Starting gunicorn 27.0.1'),
    'Traceback (most recent call last):',
    '  File "wsgi.py", line 1, in <module>',
    'RuntimeError: not in this place',
    ...HALT,
    ...refused,
    ...refused,
    'Failed to start gunicorn3.service - gunicorn for wsgi/0.',
  ];
  expect(lastWordsIn(lines)).toBe('RuntimeError: not in this place');
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

it('is an exception of any name, at the end of a traceback', () => {
  const lines = [
    gunicorn('INFO', 'Starting gunicorn 27.0.1'),
    gunicorn('ERROR', 'Exception in worker process'),
    'Traceback (most recent call last):',
    '  File "wsgi.py", line 1, in <module>',
    'shop.Unpaid: 3 bills',
    'closing the database',
    ...HALT,
  ];
  expect(lastWordsIn(lines)).toBe('shop.Unpaid: 3 bills');
});

const TRACEBACK =
  'Traceback (most recent call last):\n  File "wsgi.py", line 3, in <module>\n    x\nKeyError: \'SECRET_KEY\'';
const json = (entry: Record<string, unknown>) => JSON.stringify(entry);
const goodbye = [
  json({ level: 'INFO', message: 'Worker exiting (pid: 8610)' }),
  json({ level: 'ERROR', message: 'Worker (pid:8610) exited with code 3.' }),
  json({ level: 'INFO', message: 'Shutting down: Master' }),
  json({ level: 'ERROR', message: 'Reason: Worker failed to boot.' }),
];

it.each([
  [
    'exception',
    json({ level: 'error', logger: 'gunicorn.error', message: 'Exception in worker process', exception: TRACEBACK }),
  ],
  [
    'exc_info',
    json({ asctime: '2026', levelname: 'ERROR', message: 'Exception in worker process', exc_info: TRACEBACK }),
  ],
  ['a traceback in lines', json({ severity: 'ERROR', msg: 'no start', traceback: TRACEBACK.split('\n') })],
  ['a nested error', json({ log: 'x', error: { type: 'KeyError', message: "'SECRET_KEY'", stack_trace: TRACEBACK } })],
  ["structlog's list", json({ event: 'no start', exception: [{ exc_type: 'KeyError', exc_value: "'SECRET_KEY'" }] })],
  ['a message that holds it', json({ level: 'ERROR', message: `Exception in worker process\n${TRACEBACK}` })],
  ['a prefix before the object', `ERROR 12 ${json({ message: 'no start', exc_info: TRACEBACK })}`],
])('is the exception of a log in JSON: %s', (_, line) => {
  const start = json({ level: 'INFO', message: 'Starting gunicorn 27.0.1' });
  expect(lastWordsIn([start, line, ...goodbye])).toBe("KeyError: 'SECRET_KEY'");
});

it('is the message of a log in JSON where there is no exception', () => {
  const start = json({ level: 'info', message: 'Starting gunicorn 27.0.1' });
  const lines = [
    json({ message: 'of before' }),
    start,
    json({ level: 'fatal', event: 'no licence found' }),
    ...goodbye,
  ];
  expect(lastWordsIn(lines)).toBe('no licence found');
});

it('is what gunicorn complains about in JSON where the application is silent', () => {
  const lines = [json({ level: 'critical', message: 'WORKER TIMEOUT (pid:18)' }), ...goodbye];
  expect(lastWordsIn(lines)).toBe('WORKER TIMEOUT (pid:18)');
});
