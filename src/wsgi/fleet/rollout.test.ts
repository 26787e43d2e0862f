/** Several units of one application, each a world of its own, with the databags of their peer relation between them. */
import { beforeAll, expect, test } from 'vitest';
import {
  action,
  type Charm,
  loadCharm,
  relationChanged,
  relationDeparted,
  run,
  type State,
  type StateInput,
  state,
} from '../../../packages/charm-testing/index.ts';
import { tarOf } from '../../system/archives/make-archive.fixture.ts';

type Bag = Readonly<Record<string, string>>;
type Event = Parameters<typeof run>[1];

let charm: Charm;

beforeAll(async () => {
  charm = await loadCharm('.');
});

/** Units by name; wsgi/0 leads unless told. */
class Fleet {
  readonly units = new Map<string, State>();
  leader = '';
  /** How often a service was tried. */
  trials = 0;
  #application: Bag = {};
  /** Those of the application, which all units read. */
  #secrets: State['secrets'] = [];
  readonly #bags = new Map<string, Bag>();
  readonly #told = new Map<string, string>();

  static async deploy(
    count: number,
    config: State['config'] = {},
    leader = 'wsgi/0',
    given: StateInput = {},
  ): Promise<Fleet> {
    const fleet = new Fleet();
    fleet.leader = leader;
    for (let number = 0; number < count; number += 1) {
      const unit = `wsgi/${number}`;
      fleet.units.set(unit, state({ ...given, unit, config: { settle_time: 0, ...config } }));
      fleet.#bags.set(unit, {});
    }
    await fleet.all('install');
    await fleet.settle();
    return fleet;
  }

  async hook(unit: string, event: Event): Promise<State> {
    const after = await run(charm, event, this.#see(unit));
    this.trials += after.ran.filter(({ args }) => /^start .*gunicorn3-trial\.service/.test(args.join(' '))).length;
    const peer = after.relations.find(({ id }) => id === 'fleet:0');
    this.#bags.set(unit, peer?.localUnitData ?? {});
    if (unit === this.leader) this.#application = peer?.localAppData ?? {};
    this.#secrets = after.secrets.map((secret) => ({ ...secret, tracked: undefined }));
    this.units.set(unit, after);
    return after;
  }

  async all(event: Event): Promise<void> {
    for (const unit of [...this.units.keys()]) await this.hook(unit, event);
  }

  /** Hooks of the peer relation as Juju gives them, one a databag that changed, until no unit has more to say. */
  async settle(): Promise<void> {
    for (let busy = true; busy; ) {
      busy = false;
      for (const unit of [...this.units.keys()]) {
        for (const source of ['', ...this.units.keys()]) {
          if (source === unit || (source === '' && unit === this.leader)) continue;
          const now = JSON.stringify(source === '' ? this.#application : this.#bags.get(source));
          if (this.#told.get(`${unit} ${source}`) === now) continue;
          this.#told.set(`${unit} ${source}`, now);
          await this.hook(unit, relationChanged('fleet:0', source === '' ? undefined : source));
          busy = true;
        }
      }
    }
  }

  /** @param broken units on which the trial fails */
  async config(config: State['config'], broken: readonly string[] = []): Promise<void> {
    for (const [unit, before] of this.units) {
      const fails = { active: false, enabled: false, startFails: 'ImportError: no shop' };
      const services = broken.includes(unit)
        ? { ...before.services, 'gunicorn3-trial.service': fails }
        : before.services;
      this.units.set(unit, { ...before, services, config: { ...before.config, ...config } });
    }
    await this.all('config-changed');
  }

  async remove(unit: string): Promise<void> {
    for (const other of [...this.units.keys()]) {
      if (other !== unit) await this.hook(other, relationDeparted('fleet:0', unit));
    }
    this.units.delete(unit);
    this.#bags.delete(unit);
  }

  messages(): string[] {
    return [...this.units.values()].map(({ status }) => `${status.status}: ${status.message}`);
  }

  #see(unit: string): State {
    const before = this.units.get(unit);
    if (before === undefined) throw new Error(`no unit ${unit}`);
    const others = [...this.units.keys()].filter((name) => name !== unit);
    const peer = {
      id: 'fleet:0',
      remoteApp: 'wsgi',
      remoteUnits: Object.fromEntries(others.map((name) => [name, this.#bags.get(name) ?? {}])),
      remoteAppData: {},
      localUnitData: this.#bags.get(unit) ?? {},
      localAppData: this.#application,
    };
    return { ...before, leader: unit === this.leader, relations: [peer], secrets: this.#secrets };
  }
}

function times(count: number, message: string): string[] {
  return Array.from({ length: count }, () => message);
}

test('at once: every unit as its hook comes', async () => {
  const fleet = await Fleet.deploy(2);
  await fleet.config({ build_label: 'r2' });
  expect(fleet.messages()).toEqual(times(2, 'active: serving r2 on port 80'));
});

test('one by one: a unit hands over once the one before it serves', async () => {
  const fleet = await Fleet.deploy(3, { rollout: 'one-by-one' });
  expect(fleet.messages()).toEqual(times(3, 'active: serving r1 on port 80'));
  await fleet.config({ build_label: 'r2' });
  expect(fleet.messages()).toEqual([
    'active: serving r2 on port 80',
    ...times(2, 'active: serving r1 on port 80; r2 is ready and waits for its turn'),
  ]);
  await fleet.hook('wsgi/0', relationChanged('fleet:0', 'wsgi/1'));
  await fleet.hook('wsgi/2', relationChanged('fleet:0'));
  expect(fleet.messages()[2]).toBe('active: serving r1 on port 80; r2 is ready and waits for its turn');
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(3, 'active: serving r2 on port 80'));
});

test('an option waits for its turn too, and is called what it is', async () => {
  const fleet = await Fleet.deploy(2, { rollout: 'one-by-one' });
  await fleet.config({ workers: 3 });
  expect(fleet.messages()).toEqual([
    'active: serving r1 on port 80',
    'active: serving r1 on port 80; the new options are ready and wait for their turn',
  ]);
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(2, 'active: serving r1 on port 80'));
});

test('canary: the rest waits for promote-release', async () => {
  const fleet = await Fleet.deploy(3, { rollout: 'canary' });
  await fleet.config({ build_label: 'r2' });
  await fleet.settle();
  expect(fleet.messages()).toEqual([
    'active: serving r2 on port 80; canary: promote-release or halt-release',
    ...times(2, 'active: serving r1 on port 80; r2 is ready and waits for its turn'),
  ]);
  await fleet.hook('wsgi/0', action('promote-release'));
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(3, 'active: serving r2 on port 80'));
});

test('a canary is undone by setting the option back', async () => {
  const fleet = await Fleet.deploy(3, { rollout: 'canary' });
  await fleet.config({ build_label: 'r2' });
  await fleet.settle();
  await fleet.config({ build_label: 'r1' });
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(3, 'active: serving r1 on port 80'));
});

test('a release that fails on one unit is halted on all, and each says where and why', async () => {
  const fleet = await Fleet.deploy(3, { rollout: 'one-by-one' });
  await fleet.config({ build_label: 'r2' }, ['wsgi/1']);
  await fleet.settle();
  const reason = 'build r2 does not start: ImportError: no shop';
  expect(fleet.messages()).toEqual([
    `blocked: release halted: wsgi/1: ${reason}; r2 serves`,
    expect.stringContaining(`blocked: ${reason}`),
    `blocked: release halted: wsgi/1: ${reason}; r1 serves`,
  ]);
});

test('a unit that is removed while it holds its turn holds up nobody', async () => {
  const fleet = await Fleet.deploy(3, { rollout: 'one-by-one' });
  await fleet.config({ build_label: 'r2' });
  await fleet.hook('wsgi/0', relationChanged('fleet:0', 'wsgi/1'));
  await fleet.remove('wsgi/1');
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(2, 'active: serving r2 on port 80'));
});

test('a build that is rolled back on one unit is told apart there, and the others keep theirs', async () => {
  const fleet = await Fleet.deploy(3, { rollout: 'one-by-one' });
  await fleet.config({ build_label: 'r2' });
  await fleet.settle();
  await fleet.hook('wsgi/1', action('rollback'));
  await fleet.settle();
  const alone = 'active: serving r1 on port 80; rolled back from r2 on this unit alone';
  const r2 = 'active: serving r2 on port 80';
  expect(fleet.messages()).toEqual([r2, alone, r2]);
  await fleet.config({ workers: 3 });
  await fleet.settle();
  expect(fleet.messages()).toEqual([r2, alone, r2]);
  await fleet.config({ build_label: 'r1' });
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(3, 'active: serving r1 on port 80'));
});

test('a canary that is rolled back is followed by no other unit until promote-release', async () => {
  const fleet = await Fleet.deploy(3, { rollout: 'canary' });
  await fleet.config({ build_label: 'r2' });
  await fleet.settle();
  await fleet.hook('wsgi/0', action('rollback'));
  await fleet.settle();
  const alone = 'active: serving r1 on port 80; rolled back from r2 on this unit alone';
  expect(fleet.messages()).toEqual([
    alone,
    ...times(2, 'active: serving r1 on port 80; r2 is ready and waits for its turn'),
  ]);
  await fleet.hook('wsgi/0', action('promote-release'));
  await fleet.settle();
  expect(fleet.messages()).toEqual([alone, ...times(2, 'active: serving r2 on port 80')]);
});

test('each unit tries a release once, whether its turn comes at once or later', async () => {
  const fleet = await Fleet.deploy(2, { rollout: 'one-by-one' });
  fleet.trials = 0;
  await fleet.config({ build_label: 'r2' });
  expect(fleet.trials).toBe(2);
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(2, 'active: serving r2 on port 80'));
  expect(fleet.trials).toBe(2);
});

test('halt-release stops what is under way, and promote-release lets it go on', async () => {
  const fleet = await Fleet.deploy(2, { rollout: 'canary' });
  await fleet.config({ build_label: 'r2' });
  await fleet.hook('wsgi/0', action('halt-release'));
  await fleet.settle();
  expect(fleet.messages()).toEqual([
    'blocked: release halted: wsgi/0: halted by halt-release; r2 serves',
    'blocked: release halted: wsgi/0: halted by halt-release; r1 serves',
  ]);
  await fleet.hook('wsgi/0', action('promote-release'));
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(2, 'active: serving r2 on port 80'));
});

test('the actions are the leader’s, and say so elsewhere', async () => {
  const fleet = await Fleet.deploy(2, { rollout: 'canary' });
  const after = await fleet.hook('wsgi/1', action('promote-release'));
  expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
});

test('with provision_on=leader the others keep what they serve until the leader has run the command', async () => {
  const fleet = await Fleet.deploy(2, { provision_command: 'true', provision_on: 'leader' }, 'wsgi/1');
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(2, 'active: serving r1 on port 80'));
  await fleet.config({ build_label: 'r2' });
  expect(fleet.messages()).toEqual([
    'active: serving r1 on port 80; r2 is ready and waits for provision_command on the leader',
    'active: serving r2 on port 80',
  ]);
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(2, 'active: serving r2 on port 80'));
});

test('with provision_on=leader they wait for the release of a Procfile as well', async () => {
  const files = { BUILD_LABEL: 'r1', 'wsgi.py': 'application = 1', Procfile: 'release: make migrate\n' };
  const build = tarOf(Object.entries(files).map(([name, content]) => ({ name, content })));
  const fleet = await Fleet.deploy(2, { provision_on: 'leader' }, 'wsgi/1', { resources: { build } });
  expect(fleet.messages()).toEqual(times(2, 'active: serving r1 on port 80'));
  await fleet.config({ workers: 3 });
  const waits = 'the new options are ready and wait for the line release of the Procfile on the leader';
  expect(fleet.messages()).toEqual([`active: serving r1 on port 80; ${waits}`, 'active: serving r1 on port 80']);
  await fleet.settle();
  expect(fleet.messages()).toEqual(times(2, 'active: serving r1 on port 80'));
});

/** The value of SECRET_KEY that a unit's service was started with. */
function keyOf(fleet: Fleet, unit: string): string | undefined {
  return fleet.units.get(unit)?.services['gunicorn3.service']?.environment?.SECRET_KEY;
}

test.each(['3.6.1', '2.9.50'])('all units have one key before any of them serves, on Juju %s', async (jujuVersion) => {
  const fleet = await Fleet.deploy(3, { secret_key_variable: 'SECRET_KEY' }, 'wsgi/1', { jujuVersion });
  expect(fleet.messages()).toEqual(times(3, 'active: serving r1 on port 80'));
  expect(keyOf(fleet, 'wsgi/0')).toMatch(/^[\w-]{64}$/);
  expect(keyOf(fleet, 'wsgi/1')).toBe(keyOf(fleet, 'wsgi/0'));
  expect(keyOf(fleet, 'wsgi/2')).toBe(keyOf(fleet, 'wsgi/0'));
});

test('a key that is rotated reaches the units one by one where rollout says so', async () => {
  const fleet = await Fleet.deploy(2, { secret_key_variable: 'SECRET_KEY', rollout: 'one-by-one' });
  const before = keyOf(fleet, 'wsgi/0');
  await fleet.hook('wsgi/0', action('rotate-secret-key'));
  expect(keyOf(fleet, 'wsgi/0')).not.toBe(before);
  await fleet.hook('wsgi/1', relationChanged('fleet:0'));
  await fleet.settle();
  expect(keyOf(fleet, 'wsgi/1')).toBe(keyOf(fleet, 'wsgi/0'));
  expect(fleet.messages()).toEqual(times(2, 'active: serving r1 on port 80'));
});

test('a key that is rotated does not wait with an option that waits for its turn', async () => {
  const fleet = await Fleet.deploy(3, { secret_key_variable: 'SECRET_KEY', rollout: 'canary' });
  const before = keyOf(fleet, 'wsgi/1');
  await fleet.config({ workers: 3 });
  await fleet.settle();
  const waiting = [
    'active: serving r1 on port 80; canary: promote-release or halt-release',
    ...times(2, 'active: serving r1 on port 80; the new options are ready and wait for their turn'),
  ];
  expect(fleet.messages()).toEqual(waiting);
  await fleet.hook('wsgi/0', action('rotate-secret-key'));
  await fleet.settle();
  expect(fleet.messages()).toEqual(waiting);
  expect(keyOf(fleet, 'wsgi/0')).not.toBe(before);
  expect([keyOf(fleet, 'wsgi/1'), keyOf(fleet, 'wsgi/2')]).toEqual(times(2, keyOf(fleet, 'wsgi/0') ?? ''));
});
