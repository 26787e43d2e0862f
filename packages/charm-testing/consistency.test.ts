import { describe, expect, it } from 'vitest';
import { InconsistentStateError } from './consistency.ts';
import {
  action,
  type Event,
  relationBroken,
  relationChanged,
  relationCreated,
  relationDeparted,
  relationJoined,
  secretChanged,
  storageAttached,
} from './event.ts';
import { run } from './run.ts';
import { smallCharm } from './small-charm.fixture.ts';
import { type StateInput, state } from './state.ts';

const charm = smallCharm(() => {});
const website = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } };
const secret = { id: '9m4e2mr0ui3e8a215n4g', owner: 'postgresql', tracked: 1 };

async function mistakes(input: StateInput, event: string | Event = 'config-changed'): Promise<readonly string[]> {
  const failure: unknown = await run(charm, event, state(input)).catch((error) => error);
  return failure instanceof InconsistentStateError ? failure.mistakes : [];
}

describe('a world that Juju could not bring about', () => {
  it.each<[string, StateInput, string | Event | undefined]>([
    [
      'config.prot: config.yaml has no such option; it has port, motd, debug and credentials',
      { config: { prot: 1 } },
      undefined,
    ],
    ['config.port: "80" should be of type int, as config.yaml says', { config: { port: '80' } }, undefined],
    [
      'config.credentials: "x" should be a secret URI, such as secret:9m4e2mr0ui3e8a215n4g, as config.yaml says',
      { config: { credentials: 'x' } },
      undefined,
    ],
    [
      'relation web:1: metadata.yaml has no endpoint web; it has website, db and ring',
      { relations: [{ ...website, id: 'web:1' }] },
      undefined,
    ],
    [
      'storage data/0: metadata.yaml has no storage data; it has uploads',
      { storage: [{ id: 'data/0', location: '/srv' }] },
      undefined,
    ],
    [
      "uploads-storage-attached: a storage event is about one storage; write storageAttached('uploads/0')",
      {},
      'uploads-storage-attached',
    ],
    ['uploads-storage-attached: the state has no storage uploads/0; it has none', {}, storageAttached('uploads/0')],
    [
      'relation website: an id is an endpoint and a number, such as website:1',
      { relations: [{ ...website, id: 'website' }] },
      undefined,
    ],
    [
      'relation db:1: another relation has that number; numbers are unique in a model',
      { relations: [website, { id: 'db:1', remoteApp: 'postgresql' }] },
      undefined,
    ],
    [
      'relation website:1: nginx/0 is no unit of haproxy; its units are haproxy/0 and so on',
      { relations: [{ ...website, remoteUnits: { 'nginx/0': {} } }] },
      undefined,
    ],
    [
      'relation ring:0: app/0 is this unit; its databag is localUnitData',
      { relations: [{ id: 'ring:0', remoteApp: 'app', remoteUnits: { 'app/0': {} } }] },
      undefined,
    ],
    [
      'relation ring:0: ring is a peer relation, so remoteApp is app',
      { relations: [{ id: 'ring:0', remoteApp: 'other' }] },
      undefined,
    ],
    [
      'relation ring:0: a peer relation has one application databag; write localAppData, not remoteAppData',
      { relations: [{ id: 'ring:0', remoteApp: 'app', remoteAppData: { a: '1' } }] },
      undefined,
    ],
    [
      'relation website:1: localUnitData: port is empty; Juju has no empty values, so leave the key out',
      { relations: [{ ...website, localUnitData: { port: '' } }] },
      undefined,
    ],
    ['resources.bild: metadata.yaml has no such resource; it has build', { resources: { bild: '' } }, undefined],
    ['unit: App should be an application and a number, such as wsgi/0', { unit: 'App' }, undefined],
    [
      'principal: the charm is no subordinate, so its unit came with none; leave other/0 out',
      { principal: 'other/0' },
      undefined,
    ],
    [
      'secrets: Juju 2.9.50 has no secrets; 3.0 is the first that has',
      { jujuVersion: '2.9.50', secrets: [secret] },
      undefined,
    ],
    [
      'secret 9m4e2mr0ui3e8a215n4g: revision 2 is tracked, and there are 1; they count from 1',
      { secrets: [{ ...secret, tracked: 2 }] },
      undefined,
    ],
    ['port 80: write it as opened-ports does: 80/tcp, 8000-8010/udp, icmp', { ports: ['80'] }, undefined],
    [
      'port 80/tcp: other/0 has it open, so this unit could not open it',
      { ports: ['80/tcp'], otherPorts: { 'other/0': ['80/tcp'] } },
      undefined,
    ],
    ['files: etc/motd should be an absolute path without ..', { files: { 'etc/motd': '' } }, undefined],
    [
      "website-relation-changed: a relation event is about one relation; write relationChanged('website:1', ...)",
      {},
      'website-relation-changed',
    ],
    ['leader-elected: it comes to the leader only; the state should have leader: true', {}, 'leader-elected'],
    [
      'website-relation-joined: the state has no relation website:1; its relations are none',
      {},
      relationJoined('website:1', 'haproxy/0'),
    ],
    [
      'website-relation-changed: haproxy/1 is not in relation website:1; add it to remoteUnits',
      { relations: [website] },
      relationChanged('website:1', 'haproxy/1'),
    ],
    [
      'website-relation-departed: nginx/0 is not in relation website:1; add it to remoteUnits (the application there is haproxy)',
      { relations: [website] },
      relationDeparted('website:1', 'nginx/0'),
    ],
    [
      'website-relation-created: no remote unit has joined yet; haproxy/0 should not be there',
      { relations: [website] },
      relationCreated('website:1'),
    ],
    [
      'website-relation-broken: all remote units have departed before; haproxy/0 should not be there',
      { relations: [website] },
      relationBroken('website:1'),
    ],
    ['secret-changed: the state has no secret abc; its secrets are none', {}, secretChanged('abc')],
    [
      'secret-changed: this unit has not read secret 9m4e2mr0ui3e8a215n4g; give it the tracked revision',
      { secrets: [{ id: secret.id }] },
      secretChanged(secret.id),
    ],
    ['action restore: actions.yaml has no such action; it has backup', {}, action('restore')],
    ['action backup: parameter to should be of type string', {}, action('backup', { to: 1 })],
    ['action backup: actions.yaml has no parameter form; it has to', {}, action('backup', { form: 1 })],
  ])('is refused: %s', async (sentence, input, event) => {
    expect(await mistakes(input, event)).toEqual([sentence]);
  });

  it('is refused with all that is wrong in it', async () => {
    expect(await mistakes({ config: { a: 1, b: 2 }, unit: 'x' })).toHaveLength(3);
  });

  it('is not one where the application writes before any unit has joined', async () => {
    const relations = [{ id: 'db:1', remoteApp: 'postgresql', remoteAppData: { a: '1' } }];
    expect(await mistakes({ relations }, relationChanged('db:1'))).toEqual([]);
  });

  it('says for a hook that does not exist which do', async () => {
    expect((await mistakes({}, 'confg-changed'))[0]).toMatch(
      /^confg-changed: Juju has no such hook; it has install, start,/,
    );
  });
});
