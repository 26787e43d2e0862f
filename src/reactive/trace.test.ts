import { expect, test } from 'vitest';
import { handler, hook, when, whenNot } from './conditions.ts';
import { diagramOf, toMermaid } from './diagram.ts';
import { runHook } from './hook-context.fixture.ts';
import { Trace } from './trace.ts';

const prepare = handler('prepare', [whenNot('ready')], ({ flags }) => void flags.set('ready'));
const serve = handler('serve', [when('ready')], ({ flags }) => void flags.clear('job'));
const work = handler('work', [when('ready', 'job')], () => {});
const join = handler('join', [hook('db-relation-joined')], () => {});
const handlers = [prepare, serve, work, join];
const triggers = [{ when: 'ready', setFlag: 'job' }];

test('a trace tells what happened, and why each handler ran or did not', async () => {
  const trace = new Trace();
  await runHook(handlers, { trace, triggers });
  expect(trace.report()).toBe(
    `
phase hooks
  iteration 0
    prepare: no, flags count after the hook handlers
    serve: no, flags count after the hook handlers
    work: no, flags count after the hook handlers
    join: no, this is no hook db-relation-joined
phase other
  iteration 0
    serve: no, ready is not set
    work: no, ready, job are not set
    join: no, hook handlers had their turn before
    prepare ran
      ready set
      job set
  iteration 1
    prepare: no, ready is set
    join: no, hook handlers had their turn before
    serve ran
      job cleared
    work: no longer, job is not set
  iteration 2
    work: no, job is not set
    join: no, hook handlers had their turn before
`.trim(),
  );
  expect(trace.why('serve')).toEqual([
    'phase hooks, iteration 0: no, flags count after the hook handlers',
    'phase other, iteration 0: no, ready is not set',
    'phase other, iteration 1: ran',
  ]);
});

test('a trace that is only asked for is in the log, after the handlers', async () => {
  const { context } = await runHook([prepare], { trace: true });
  expect(context.printed).toHaveLength(2);
  expect(context.printed[0]).toBe('Invoking reactive handler: prepare');
  expect(context.printed[1]).toContain('    prepare ran\n      ready set');
});

test('a trace of a hook that fails ends where it failed', async () => {
  const trace = new Trace();
  const failing = handler('failing', [whenNot('x')], () => {
    throw new Error('no');
  });
  await expect(runHook([failing], { trace })).rejects.toThrow('no');
  expect(trace.entries.at(-1)).toEqual({ what: 'ran', handler: 'failing' });
});

test('the diagram joins flags to handlers, and handlers to the flags they were seen to change', async () => {
  const trace = new Trace();
  await runHook(handlers, { trace, triggers });
  const diagram = diagramOf(handlers, triggers, trace.entries);
  expect(diagram.edges).toEqual([
    { from: 'ready', to: 'prepare', kind: 'whenNot' },
    { from: 'ready', to: 'serve', kind: 'when' },
    { from: 'ready', to: 'work', kind: 'when' },
    { from: 'job', to: 'work', kind: 'when' },
    { from: 'ready', to: 'job', kind: 'trigger sets' },
    { from: 'prepare', to: 'ready', kind: 'sets' },
    { from: 'prepare', to: 'job', kind: 'sets' },
    { from: 'serve', to: 'job', kind: 'clears' },
  ]);
  const text = toMermaid(diagram);
  expect(text).toContain('n0(["job"])');
  expect(text).toContain('n5["join<br>hook db-relation-joined"]');
  expect(text).toContain('n1 -.->|whenNot| n2');
});

test('the diagram tells a flag from a handler of the same name', () => {
  const diagram = diagramOf(
    [handler('look', [when('look')], () => {})],
    [],
    [{ what: 'flag', flag: 'look', set: false, by: 'look' }],
  );
  expect(toMermaid(diagram).split('\n')).toEqual([
    'flowchart LR',
    '  n0(["look"])',
    '  n1["look"]',
    '  n0 -->|when| n1',
    '  n1 -.->|clears| n0',
  ]);
});
