/** Secrets of the operator in environment_variables and environment_secrets. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  run,
  type SecretInput,
  type State,
  secretChanged,
  state,
} from '../../../packages/charm-testing/index.ts';
import type { Databag } from '../../juju/types.ts';
import { parseSecretUris, parseVariables } from '../config/environment-variables.ts';
import { operatorVariables } from './operator-variables.ts';

const ID = 'cq8s2nfmp25c77ddl0fg';
const OTHER = 'cq8s2nfmp25c77ddl0fh';

describe('variables', () => {
  const given = (contents: Readonly<Record<string, Databag>>, typed: string, uris = '') =>
    operatorVariables(
      {
        unit: { application: 'shop', jujuVersion: '3.6.1' },
        secret: (uri) => {
          const content = contents[uri];
          return content === undefined ? { whyNot: 'secret not found' } : { content };
        },
      },
      { environment_variables: parseVariables(typed), environment_secrets: parseSecretUris(uris) },
    );

  test('are fields, the only field, and all fields of secrets', () => {
    const contents = { [`secret:${ID}`]: { 'db-key': 'k', user: 'u' }, [`secret:${OTHER}`]: { token: 't' } };
    const found = given(contents, `A=1 B=secret://${ID}/db-key C=secret:${OTHER}`, `secret:${ID}`);
    expect(Object.fromEntries(found.variables)).toEqual({ DB_KEY: 'k', USER: 'u', A: '1', B: 'k', C: 't' });
    expect(new Set(found.secrets)).toEqual(new Set(['k', 'u', 't']));
  });

  test('of environment_variables win, and of several secrets the last', () => {
    const contents = {
      [`secret:${ID}`]: { one: 'a', two: 'a', three: 'a' },
      [`secret:${OTHER}`]: { two: 'b', three: 'b' },
    };
    const { variables } = given(contents, 'THREE=c', `secret:${ID} secret:${OTHER}`);
    expect(Object.fromEntries(variables)).toEqual({ ONE: 'a', TWO: 'b', THREE: 'c' });
  });

  test.each<[string, Databag, string, string]>([
    [
      `A=secret://${ID}/pass`,
      { user: 'u', word: 'w' },
      '',
      `A: secret ${ID} has no field pass: juju config shop environment_variables=... with one of user, word`,
    ],
    [
      `A=secret:${ID}`,
      { user: 'u', word: 'w' },
      '',
      `A: secret ${ID} has several fields: juju config shop environment_variables=... with secret://${ID}/user for one of user, word`,
    ],
    [
      `A=secret:${OTHER}`,
      {},
      '',
      `there is no secret ${OTHER}: juju add-secret makes one, juju grant-secret lets shop read it`,
    ],
    [
      '',
      { path: '/tmp' },
      `secret:${ID}`,
      `secret ${ID}: PATH cannot be set: the service itself needs it; leave it out`,
    ],
    [
      `A=secret:${ID}`,
      { key: 'a\u0007b' },
      '',
      `secret ${ID}: A holds a control character; encode it, in Base64 for example`,
    ],
  ])('cannot be had from %s of %j', (typed, content, uris, message) => {
    expect(() => given({ [`secret:${ID}`]: content }, typed, uris)).toThrow(message);
  });

  test('of any content are there byte for byte, or no value of it is told', () => {
    const key = fc.stringMatching(/^[a-z][a-z0-9]{2,6}(-[a-z0-9]{1,4})?$/);
    const value = fc.string({ unit: 'binary', minLength: 12, maxLength: 30 });
    fc.assert(
      fc.property(fc.dictionary(key, value, { minKeys: 1 }), (content) => {
        try {
          const { variables } = given({ [`secret:${ID}`]: content }, '', `secret:${ID}`);
          for (const text of Object.values(content)) expect([...variables.values()]).toContain(text);
        } catch (error) {
          for (const text of Object.values(content)) expect(String(error)).not.toContain(text);
        }
      }),
    );
  });
});

describe('the unit', () => {
  let charm: Charm;
  /** Deployed, and serving r1 on port 80 without any secret. */
  let served: State;

  beforeAll(async () => {
    charm = await loadCharm('.');
    served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 } }));
  });

  const secret = (more: Partial<SecretInput> = {}): SecretInput => ({
    id: ID,
    content: { token: 'hunter22' },
    ...more,
  });
  const asked = (before: State, secrets: readonly SecretInput[], config: State['config'] = {}): State =>
    state({
      ...before,
      secrets,
      config: { ...before.config, environment_variables: `TOKEN=secret://${ID}/token`, ...config },
    });
  const environment = ({ files }: State): string => {
    const unit = String(files['/etc/systemd/system/gunicorn3.service']);
    return String(files[/^EnvironmentFile=.*(\/etc\/gunicorn3\/environment-\w+)$/m.exec(unit)?.[1] ?? '']);
  };
  const told = ({ status, log, tools }: State & { log: unknown; tools: unknown }) =>
    JSON.stringify([status, log, tools]);

  it('gives the application what a granted secret holds, and tells nobody else', async () => {
    const after = await run(charm, 'config-changed', asked(served, [secret()]));
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(environment(after)).toContain('TOKEN="hunter22"');
    expect(told(after)).not.toContain('hunter22');
  });

  it('says how to grant one, goes on serving, and tries again in every update-status', async () => {
    const after = await run(charm, 'config-changed', asked(served, [secret({ granted: false })]));
    const line = `environment_variables: secret ${ID} is not granted: juju grant-secret ${ID} wsgi`;
    expect(after.status).toEqual({ status: 'blocked', message: line });
    expect(after.services['gunicorn3.service']).toEqual(served.services['gunicorn3.service']);
    const still = await run(charm, 'update-status', after);
    expect(still.status).toEqual({ status: 'blocked', message: line });
    // juju grant-secret runs no hook.
    const granted = await run(charm, 'update-status', asked(still, [secret()]));
    expect(granted.status).toMatchObject({ status: 'active' });
    expect(environment(granted)).toContain('TOKEN="hunter22"');
  });

  it('says the same of environment_secrets', async () => {
    const config = { environment_variables: '', environment_secrets: `secret:${ID}` };
    const after = await run(charm, 'config-changed', asked(served, [secret({ granted: false })], config));
    expect(after.status.message).toBe(`environment_secrets: secret ${ID} is not granted: juju grant-secret ${ID} wsgi`);
    const granted = await run(charm, 'update-status', asked(after, [secret()], config));
    expect(environment(granted)).toContain('TOKEN="hunter22"');
  });

  it('says that there is none', async () => {
    const after = await run(charm, 'config-changed', asked(served, []));
    expect(after.status).toEqual({
      status: 'blocked',
      message: `environment_variables: there is no secret ${ID}: juju add-secret makes one, juju grant-secret lets wsgi read it`,
    });
  });

  it('gives the application a new revision in the hook that tells of it', async () => {
    const before = await run(charm, 'config-changed', asked(served, [secret()]));
    const revisions = [{ token: 'hunter22' }, { token: 'hunter33' }] as const;
    const newer = state({ ...before, secrets: [{ ...secret(), content: undefined, revisions, tracked: 1 }] });
    const after = await run(charm, secretChanged(ID), newer);
    expect(environment(after)).toContain('TOKEN="hunter33"');
    expect(after.status).toMatchObject({ status: 'active' });
    expect(told(after)).not.toMatch(/hunter\d\d/);
  });

  it('serves on with what it has where a secret is taken away, and says so', async () => {
    const before = await run(charm, 'config-changed', asked(served, [secret()]));
    // After this hook nothing that was read before is believed.
    const after = await run(
      charm,
      'upgrade-charm',
      state({ ...before, secrets: [{ ...secret(), granted: false, tracked: 1 }] }),
    );
    expect(after.status).toMatchObject({ status: 'blocked', message: expect.stringContaining('juju grant-secret') });
    expect(after.services['gunicorn3.service']).toEqual(before.services['gunicorn3.service']);
    expect(environment(after)).toContain('TOKEN="hunter22"');
  });

  it('says on Juju 2.9 that it has none', async () => {
    const old = await run(charm, 'config-changed', asked({ ...served, jujuVersion: '2.9.50' }, []));
    expect(old.status).toEqual({
      status: 'blocked',
      message:
        'environment_variables: Juju 2.9.50 has no secrets: give the value itself, or upgrade the controller to Juju 3',
    });
    expect(old.tools.filter((tool) => tool.startsWith('secret-'))).toEqual([]);
  });

  it('masks a value that is no secret by its looks', async () => {
    const services = { 'gunicorn3-trial.service': { startFails: 'RuntimeError: told: production-west' } };
    const before = state({
      ...asked(served, [secret({ content: { token: 'production-west' } })]),
      services: { ...served.services, ...services },
    });
    const after = await run(charm, 'config-changed', before);
    expect(after.status.message).toContain('RuntimeError: told: ******');
    expect(told(after)).not.toContain('production-west');
  });
});
