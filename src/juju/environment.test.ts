import { describe, expect, it } from 'vitest';
import { EnvironmentError, hookEnvironment } from './environment.ts';

/** What Juju sets in every hook, empty where there is nothing to say. */
const base = {
  JUJU_UNIT_NAME: 'my-app/12',
  JUJU_CHARM_DIR: '/var/lib/juju/agents/unit-my-app-12/charm',
  JUJU_MODEL_NAME: 'prod',
  JUJU_MODEL_UUID: 'uuid',
  JUJU_VERSION: '4.0.14.1',
  JUJU_PRINCIPAL_UNIT: '',
  JUJU_AVAILABILITY_ZONE: '',
  JUJU_CHARM_HTTP_PROXY: 'http://proxy:3128',
  JUJU_CHARM_HTTPS_PROXY: '',
  JUJU_CHARM_FTP_PROXY: '',
  JUJU_CHARM_NO_PROXY: '127.0.0.1,localhost,::1',
  JUJU_HOOK_NAME: 'config-changed',
  JUJU_DISPATCH_PATH: 'hooks/config-changed',
};

const relation = {
  ...base,
  JUJU_HOOK_NAME: 'web-site-relation-changed',
  JUJU_RELATION: 'web-site',
  JUJU_RELATION_ID: 'web-site:3',
  JUJU_REMOTE_APP: 'haproxy',
};

describe('hookEnvironment', () => {
  it('reads the unit, with undefined for what is empty', () => {
    expect(hookEnvironment(base).unit).toEqual({
      unit: 'my-app/12',
      application: 'my-app',
      modelName: 'prod',
      modelUuid: 'uuid',
      charmDir: '/var/lib/juju/agents/unit-my-app-12/charm',
      jujuVersion: '4.0.14.1',
      principalUnit: undefined,
      availabilityZone: undefined,
      proxies: { http: 'http://proxy:3128', https: undefined, ftp: undefined, no: '127.0.0.1,localhost,::1' },
    });
  });

  it('reads a relation event', () => {
    expect(hookEnvironment({ ...relation, JUJU_REMOTE_UNIT: 'haproxy/1' }).event.relation).toEqual({
      endpoint: 'web-site',
      id: 'web-site:3',
      remoteApp: 'haproxy',
      remoteUnit: 'haproxy/1',
      departingUnit: undefined,
      step: 'changed',
    });
  });

  it('has no remote unit where the application itself changed', () => {
    expect(hookEnvironment({ ...relation, JUJU_REMOTE_UNIT: '' }).event.relation?.remoteUnit).toBeUndefined();
  });

  it('reads a secret event', () => {
    const env = { ...base, JUJU_HOOK_NAME: 'secret-changed', JUJU_SECRET_ID: 'secret:abc', JUJU_SECRET_LABEL: '' };
    expect(hookEnvironment(env).event).toMatchObject({
      name: 'secret-changed',
      secret: { id: 'secret:abc', label: '', revision: '' },
    });
  });

  it('takes an action by the name that Juju gives, the hook being empty', () => {
    const env = { ...base, JUJU_HOOK_NAME: '', JUJU_DISPATCH_PATH: 'actions/backup' };
    expect(hookEnvironment({ ...env, JUJU_ACTION_NAME: 'backup', JUJU_ACTION_TAG: 'action-7' }).event).toEqual({
      name: 'backup',
      kind: 'action',
      action: { name: 'backup', tag: 'action-7' },
    });
  });

  it('takes an action that an operator typed by its file, without a tag', () => {
    const env = {
      ...base,
      JUJU_HOOK_NAME: '',
      JUJU_DISPATCH_PATH: '',
      JUJU_ACTION_NAME: 'juju-exec',
      JUJU_ACTION_TAG: 'action-29',
    };
    const charm = '/var/lib/juju/agents/unit-my-app-12/charm';
    expect(hookEnvironment(env, `${charm}/actions/backup`).event).toMatchObject({
      action: { name: 'backup', tag: '' },
    });
    expect(hookEnvironment(env, '/usr/bin/env').event).toMatchObject({ name: 'juju-exec', kind: 'action' });
  });

  it('takes the name of the event from the dispatch path, then from the file', () => {
    expect(hookEnvironment({ ...base, JUJU_HOOK_NAME: '' }).event.name).toBe('config-changed');
    expect(hookEnvironment({ JUJU_UNIT_NAME: 'a/0' }, '/charm/hooks/install').event.name).toBe('install');
  });

  it('says when Juju did not start it', () => {
    expect(() => hookEnvironment({}, 'hooks/install')).toThrow(EnvironmentError);
    expect(() => hookEnvironment({ JUJU_UNIT_NAME: 'a/0' })).toThrow('neither JUJU_HOOK_NAME nor JUJU_DISPATCH_PATH');
  });
});
