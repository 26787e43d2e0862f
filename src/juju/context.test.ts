import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHookContext } from './context.ts';
import { hookEnvironment } from './environment.ts';
import type { ToolRunner } from './run.ts';

/** A Juju that knows a few answers, by the whole command line, and notes what it was asked. */
function juju(answers: Readonly<Record<string, unknown>>) {
  const calls: string[] = [];
  const run: ToolRunner = (tool, args, input) => {
    const command = [tool, ...args.filter((arg) => arg !== '--format=json')].join(' ');
    calls.push(input === undefined ? command : `${command} < ${input}`);
    const answer = answers[command];
    if (answer instanceof Error) return { code: 1, stdout: '', stderr: `ERROR ${answer.message}\n` };
    return { code: 0, stdout: answer === undefined ? '' : JSON.stringify(answer), stderr: '' };
  };
  return { run, calls };
}

const event = (name: string, more: Readonly<Record<string, string>> = {}) =>
  hookEnvironment({ JUJU_UNIT_NAME: 'wsgi/0', JUJU_HOOK_NAME: name, JUJU_CHARM_DIR: '/charm', ...more });

const changed = (unit: string) =>
  event('website-relation-changed', {
    JUJU_RELATION: 'website',
    JUJU_RELATION_ID: 'website:1',
    JUJU_REMOTE_APP: 'haproxy',
    JUJU_REMOTE_UNIT: unit,
  });

describe('createHookContext', () => {
  it('asks for each thing at most once', () => {
    const { run, calls } = juju({ 'config-get': { port: 80, unset: null } });
    const context = createHookContext(run, event('config-changed'));
    expect(context.config()).toEqual({ port: 80 });
    context.config();
    expect(calls).toEqual(['config-get']);
  });

  it('asks for nothing that is not wanted', () => {
    const { run, calls } = juju({});
    createHookContext(run, event('update-status')).commit();
    expect(calls).toEqual([]);
  });

  it('shows what the hook wrote, and writes only the keys that differ', () => {
    const { run, calls } = juju({ 'relation-get -r website:1 - wsgi/0': { port: '80', hostname: 'a', old: 'x' } });
    const context = createHookContext(run, event('config-changed'));
    context.relationSet('website:1', { port: '80', hostname: 'b', old: '', none: '' });
    expect(context.relationGet('website:1', 'wsgi/0')).toEqual({ port: '80', hostname: 'b' });
    context.commit();
    expect(calls).toEqual([
      'relation-get -r website:1 - wsgi/0',
      'relation-set -r website:1 --file - < {"hostname":"b","old":""}',
    ]);
  });

  it('remembers what it read, and asks again only for the unit that the event names', () => {
    const { run, calls } = juju({
      'relation-list -r website:1': ['haproxy/0', 'haproxy/1'],
      'relation-get -r website:1 - haproxy/0': { a: '0' },
      'relation-get -r website:1 - haproxy/1': { a: '1' },
    });
    const readAll = (remembered?: unknown) => {
      const context = createHookContext(run, changed('haproxy/1'), remembered);
      for (const unit of context.relationUnits('website:1')) context.relationGet('website:1', unit);
      context.commit();
      return JSON.parse(JSON.stringify(context.remember()));
    };
    const remembered = readAll();
    calls.length = 0;
    readAll(remembered);
    expect(calls).toEqual(['relation-get -r website:1 - haproxy/1']);
  });

  it('makes nothing of a memory that is damaged', () => {
    const answers = fc.dictionary(
      fc.constantFrom('relation-list website:1', 'opened-ports', 'status-get'),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.record({ version: fc.constant(1), answers })), (remembered) => {
        const { run } = juju({ 'status-get --include-data': { status: 'unknown', message: '' } });
        const context = createHookContext(run, changed('haproxy/1'), remembered);
        for (const unit of context.relationUnits('website:1')) expect(unit).toBeTypeOf('string');
        for (const port of context.openedPorts()) expect(port).toBeTypeOf('string');
        expect(context.currentStatus()?.message ?? '').toBeTypeOf('string');
      }),
    );
  });

  it('says a status only when it is another than the one that is there', () => {
    const { run, calls } = juju({ 'status-get --include-data': { status: 'active', message: 'Ready' } });
    const context = createHookContext(run, event('config-changed'));
    context.setStatus('blocked', 'no');
    context.setStatus('active', 'Ready');
    expect(context.currentStatus()).toEqual({ status: 'active', message: 'Ready' });
    context.commit();
    expect(calls).toEqual(['status-get --include-data']);
  });

  it('has the last word on the status where another program may have spoken', () => {
    const { run, calls } = juju({ 'status-get --include-data': { status: 'active', message: 'Ready' } });
    const context = createHookContext(run, event('config-changed'));
    context.setStatus('active', 'Ready');
    context.forgetOwnWrites();
    context.commit();
    expect(calls).toEqual(['status-set active -- Ready']);
  });

  it('takes a failing Juju for a failure, not for an empty databag', () => {
    const { run } = juju({ 'relation-get -r website:1 - haproxy/0': new Error('connection is shut down') });
    expect(() => createHookContext(run, changed('haproxy/0')).relationGet('website:1', 'haproxy/0')).toThrow(
      'relation-get ended with 1: connection is shut down',
    );
  });
});
