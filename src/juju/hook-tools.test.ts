/** Each function against the hook tools of the local model, which answer as Juju was recorded to. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Event, relationJoined, action as runAction } from '../../packages/charm-testing/event.ts';
import { openHookWorld } from '../../packages/charm-testing/hook-world.ts';
import { type StateInput, state } from '../../packages/charm-testing/state.ts';
import { actionFail, actionGet, actionLog, actionSet } from './action.ts';
import { configGet } from './config.ts';
import { isLeader, leaderGet, leaderSet } from './leader.ts';
import { jujuLog } from './log.ts';
import { credentialGet, goalState, jujuReboot } from './model.ts';
import { networkGet, unitGet } from './network.ts';
import { closePort, openedPorts, openPort } from './port.ts';
import { relationGet, relationIds, relationList, relationListApp, relationModelGet, relationSet } from './relation.ts';
import { resourceGet } from './resource.ts';
import type { HookToolError } from './run.ts';
import {
  secretAdd,
  secretGet,
  secretGrant,
  secretIds,
  secretInfoGet,
  secretRemove,
  secretRevoke,
  secretSet,
} from './secret.ts';
import { stateDelete, stateGet, stateSet } from './state.ts';
import { applicationVersionSet, statusGet, statusSet } from './status.ts';
import { storageAdd, storageGet, storageList } from './storage.ts';

const meta = {
  metadata: { name: 'small', provides: { website: {} } },
  config: {
    options: {
      port: { type: 'int', default: 80 },
      ratio: { type: 'float', default: 1.5 },
      unset: { type: 'string' },
      motd: { type: 'string' },
      on: { type: 'boolean', default: true },
    },
  },
} as const;

const website = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': { a: 'ö "x"\n' } } };

function juju(input: StateInput = {}, event: Event = { kind: 'hook', name: 'config-changed' }) {
  return openHookWorld(state({ relations: [website], leader: true, ...input }), event, meta, (name) =>
    name === 'build' ? '/resources/build.tar.gz' : new Error('not found'),
  );
}

function refusal(act: () => unknown): Pick<HookToolError, 'code' | 'reason' | 'missing'> {
  try {
    act();
  } catch (error) {
    return error as HookToolError;
  }
  throw new Error('it did not fail');
}

describe('hook tools', () => {
  it('config-get leaves out what has neither value nor default', () => {
    const { run } = juju({ config: { motd: '' } });
    expect(configGet(run)).toEqual({ port: 80, ratio: 1.5, motd: '', on: true });
  });

  it('relation-ids, relation-list and relation-get read', () => {
    const { run } = juju({ relations: [{ ...website, remoteAppData: { app: '1' } }] });
    expect(relationIds(run, 'website')).toEqual(['website:1']);
    expect(relationIds(run, 'nosuch')).toEqual([]);
    expect(relationList(run, 'website:1')).toEqual(['haproxy/0']);
    expect(relationListApp(run, 'website:1')).toBe('haproxy');
    expect(relationGet(run, 'website:1', 'haproxy/0')).toEqual({ a: 'ö "x"\n' });
    expect(relationGet(run, 'website:1', 'haproxy')).toEqual({ app: '1' });
    expect(relationModelGet(run, 'website:1').uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(refusal(() => relationGet(run, 'website:1', 'haproxy/9'))).toMatchObject({ code: 1 });
    expect(refusal(() => relationList(run, 'website:9'))).toMatchObject({ code: 2 });
  });

  it('relation-set writes any text, whatever it means to YAML', () => {
    const data = {
      a: 'no',
      b: '1.0',
      i: 'null',
      j: '~',
      c: '- x\n- y',
      d: "it's",
      e: '\u2028\u0085',
      f: '{{',
      g: ' edges ',
      h: '\u{1f600}',
    };
    const { run, writes } = juju();
    relationSet(run, 'website:1', data);
    relationSet(run, 'website:1', { all: 'of us' }, { app: true });
    expect(Object.fromEntries(writes.pending.unitBags.get('website:1') ?? [])).toEqual(data);
    expect(relationGet(run, 'website:1', 'app/0')).toEqual(data);
    expect(relationGet(run, 'website:1', 'app')).toEqual({ all: 'of us' });
    const minion = juju({ leader: false });
    expect(refusal(() => relationSet(minion.run, 'website:1', { a: '1' }, { app: true }))).toMatchObject({ code: 1 });
  });

  it('is-leader, leader-get and leader-set, which Juju 4 no longer has', () => {
    const { run, writes } = juju({ jujuVersion: '2.9.50', leaderSettings: { a: '1' } });
    expect(isLeader(run)).toBe(true);
    leaderSet(run, { b: 'two words' });
    expect(writes.pending.leaderSettings).toEqual(new Map([['b', 'two words']]));
    expect(leaderGet(run)).toMatchObject({ a: '1' });
    expect(refusal(() => leaderGet(juju({ jujuVersion: '4.0.14' }).run)).missing).toBe(true);
  });

  it('open-port, close-port and opened-ports', () => {
    const { run } = juju({ ports: ['80/tcp'], otherPorts: { 'other/0': ['443/tcp'] } });
    openPort(run, '8000-8010/udp');
    closePort(run, '80/tcp');
    expect(openedPorts(run)).toEqual(['8000-8010/udp']);
    expect(refusal(() => openPort(run, '443')).reason).toContain('port range conflicts with 443/tcp (unit "other/0")');
  });

  it('status-set, status-get and application-version-set', () => {
    const { run, writes } = juju();
    expect(statusGet(run)).toEqual({ status: 'unknown', message: '' });
    statusSet(run, { status: 'blocked', message: '--port:  \n is no number' });
    applicationVersionSet(run, '-1.0');
    expect(writes.status).toEqual({ status: 'blocked', message: '--port: is no number' });
    expect(writes.workloadVersion).toBe('-1.0');
  });

  it('network-get and unit-get', () => {
    const { run } = juju({ address: '10.0.0.5' });
    expect(networkGet(run, 'website', 'website:1')).toEqual({
      bindAddresses: ['10.0.0.5'],
      ingressAddresses: ['10.0.0.5'],
      egressSubnets: ['10.0.0.5/32'],
    });
    expect(unitGet(run, 'private-address')).toBe('10.0.0.5');
    expect(refusal(() => networkGet(run, 'nosuch')).reason).toBe('no network config found for binding "nosuch"');
  });

  it('resource-get', () => {
    const { run } = juju();
    expect(resourceGet(run, 'build')).toBe('/resources/build.tar.gz');
    expect(refusal(() => resourceGet(run, 'nosuch'))).toMatchObject({ code: 1 });
  });

  it('secret-get follows one revision until it is told to refresh', () => {
    const id = '9m4e2mr0ui3e8a215n4g';
    const revisions = [{ password: 'one' }, { password: 'two' }] as const;
    const { run } = juju({ secrets: [{ id, owner: 'postgresql', revisions: [...revisions], tracked: 1 }] });
    expect(secretGet(run, `secret:${id}`)).toEqual({ password: 'one' });
    expect(secretGet(run, id, { peek: true })).toEqual({ password: 'two' });
    expect(secretGet(run, id, { refresh: true, label: 'mine' })).toEqual({ password: 'two' });
    expect(secretGet(run, id)).toEqual({ password: 'two' });
  });

  it('secrets are written by files, not arguments, and the files are gone afterwards', () => {
    const { run, tools } = juju();
    const uri = secretAdd(
      run,
      { password: 'tiger\n', 'user-name': 'ö' },
      { label: 'l', rotate: 'daily', owner: 'unit' },
    );
    expect(secretGet(run, uri)).toEqual({ password: 'tiger\n', 'user-name': 'ö' });
    secretSet(run, uri, { password: 'lion' });
    secretGrant(run, uri, 'website:1', 'haproxy/0');
    secretRevoke(run, uri, 'website:1');
    expect(secretIds(run)).toHaveLength(1);
    expect(Object.values(secretInfoGet(run, uri))).toMatchObject([{ revision: 1, label: 'l', owner: 'unit' }]);
    secretRemove(run, uri);
    expect(secretIds(run)).toEqual([]);
    expect(tools.join('\n')).not.toMatch(/tiger|lion/);
    const file = /#file=(\S+)/.exec(tools.join('\n'))?.[1] ?? '';
    expect(() => readFileSync(file)).toThrow('ENOENT');
    expect(refusal(() => secretIds(juju({ jujuVersion: '2.9.50' }).run)).missing).toBe(true);
  });

  it('state-get, state-set and state-delete', () => {
    const { run } = juju({ stored: { a: '1' } });
    stateSet(run, { b: 'two\nlines' });
    stateDelete(run, 'a');
    expect(stateGet(run)).toEqual({ b: 'two\nlines' });
    expect(stateGet(juju().run)).toEqual({});
  });

  it('action-get, action-set, action-fail and action-log', () => {
    const { run, action, writes } = juju({}, runAction('backup', { to: '/srv', deep: { n: 1 } }));
    expect(actionGet(run)).toEqual({ to: '/srv', deep: { n: 1 } });
    actionSet(run, { 'a.b': '1', big: 'x'.repeat(300_000), text: '-- = \n' });
    actionLog(run, '--half way');
    actionFail(run, '-1 is no size');
    expect(action?.results).toMatchObject({ a: { b: '1' }, text: '-- = \n' });
    expect(String(action?.results.big)).toMatch(/^x{99997}…$/);
    expect(action?.failure).toBe('-1 is no size');
    expect(writes.actionLog).toEqual(['--half way']);
    expect(refusal(() => actionGet(juju().run)).reason).toBe('not running an action');
  });

  it('action-set spreads results that no process could take at once', () => {
    const { run, tools, action } = juju({}, runAction('backup'));
    actionSet(run, Object.fromEntries([...'abcdefgh'].map((key) => [key, 'y'.repeat(100_000)])));
    expect(tools).toHaveLength(2);
    expect(Object.keys(action?.results ?? {})).toEqual([...'abcdefgh']);
  });

  it('juju-log splits what no argument can hold', () => {
    const { run, writes } = juju();
    jujuLog(run, 'WARNING', '-- odd');
    jujuLog(run, 'INFO', 'line\n'.repeat(50_000));
    expect(writes.logged[0]).toEqual({ level: 'WARNING', message: '-- odd' });
    expect(writes.logged).toHaveLength(4);
  });

  it('goal-state, credential-get, juju-reboot, storage', () => {
    const { run, writes } = juju({}, relationJoined('website:1', 'haproxy/0'));
    expect(goalState(run)).toMatchObject({ units: { 'app/0': { status: 'unknown' } } });
    expect(refusal(() => credentialGet(run)).code).toBe(1);
    expect(storageList(run)).toEqual([]);
    expect(refusal(() => storageGet(run, 'data/0')).code).toBe(2);
    expect(refusal(() => storageAdd(run, 'data')).code).toBe(1);
    jujuReboot(run);
    expect(writes.pending.reboot).toBe('at-end');
  });
});
