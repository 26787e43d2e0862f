/**
 * The life of relations in any order that Juju has been seen to tell it in: an application's data before its first unit,
 * units that leave unheard, relations that come and go with nothing in between, data half-written or nonsense, hooks that
 * are killed. The application's environment is always what a model of a dozen lines says.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Charm,
  type Event,
  HookFailedError,
  loadCharm,
  type Outcome,
  relationBroken,
  relationChanged,
  relationCreated,
  relationDeparted,
  relationJoined,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';
import type { Databag } from '../../juju/types.ts';

const UNIT_DATA = ['postgres', 'mongo', 'webservice'] as const;
const APP_DATA = ['postgresql', 'mongodb'] as const;
type Endpoint = (typeof UNIT_DATA)[number] | (typeof APP_DATA)[number];
type Kind = 'postgresql' | 'mongodb' | 'webservice';

const KIND: Readonly<Record<Endpoint, Kind>> = {
  postgres: 'postgresql',
  postgresql: 'postgresql',
  mongo: 'mongodb',
  mongodb: 'mongodb',
  webservice: 'webservice',
};

/** What the other side says: all that is needed, with a number to tell it from others, or not. */
type Offer = { readonly ready: number } | { readonly lacks: number } | 'nonsense' | 'nothing';

/** Everything that an endpoint has to say to be ready; each key is needed. */
function wholeBag(endpoint: Endpoint, n: number): Databag {
  switch (endpoint) {
    case 'postgres':
      return { master: `host=10.0.0.${n} port=5432 dbname=wsgi user=u${n} password=p${n}`, 'allowed-units': 'wsgi/0' };
    case 'postgresql':
      return { endpoints: `10.1.0.${n}:5432`, database: 'wsgi', username: `u${n}`, password: `p${n}` };
    case 'mongo':
      return { hostname: `10.2.0.${n}`, port: '27017' };
    case 'mongodb':
      return { endpoints: `10.3.0.${n}:27017`, database: 'wsgi', username: `u${n}`, password: `p${n}` };
    case 'webservice':
      return { hostname: `10.4.0.${n}`, port: '8000' };
  }
}

function urlOf(endpoint: Endpoint, n: number): string {
  switch (endpoint) {
    case 'postgres':
      return `postgresql://u${n}:p${n}@10.0.0.${n}:5432/wsgi`;
    case 'postgresql':
      return `postgresql://u${n}:p${n}@10.1.0.${n}:5432/wsgi`;
    case 'mongo':
      return `mongodb://10.2.0.${n}:27017/wsgi`;
    case 'mongodb':
      return `mongodb://u${n}:p${n}@10.3.0.${n}:27017/wsgi?authSource=admin`;
    case 'webservice':
      return `http://10.4.0.${n}:8000`;
  }
}

function bagOf(endpoint: Endpoint, offer: Offer): Databag {
  if (offer === 'nothing') return {};
  const whole = wholeBag(endpoint, typeof offer === 'object' && 'ready' in offer ? offer.ready : 1);
  const keys = Object.keys(whole);
  if (offer === 'nonsense') return Object.fromEntries(keys.map((key) => [key, "'\u0000=%zz:\\ not/this,,"]));
  if ('ready' in offer) return whole;
  const missing = keys[offer.lacks % keys.length];
  return Object.fromEntries(Object.entries(whole).filter(([key]) => key !== missing));
}

/** What Juju knows, and what the charm has been told and should make of it. */
class Model {
  world: State;
  readonly offers = new Map<string, Offer>();
  readonly served = new Map<Kind, { readonly id: string; readonly url: string }>();
  #relations = 0;

  constructor(world: State) {
    this.world = world;
  }

  newId(endpoint: Endpoint): string {
    return `${endpoint}:${this.#relations++}`;
  }

  /** The oldest relation of a kind counts; while it is not ready, what it gave last goes on. */
  settle(): void {
    for (const kind of new Set(Object.values(KIND))) {
      const [oldest] = [...this.offers.keys()].filter((id) => KIND[endpointOf(id)] === kind);
      const offer = oldest === undefined ? undefined : this.offers.get(oldest);
      if (oldest !== undefined && typeof offer === 'object' && 'ready' in offer) {
        this.served.set(kind, { id: oldest, url: urlOf(endpointOf(oldest), offer.ready) });
      } else if (this.served.get(kind)?.id !== oldest) {
        this.served.delete(kind);
      }
    }
  }

  get environment(): Record<string, string> {
    const url = (kind: Kind) => this.served.get(kind)?.url;
    const wanted = {
      DATABASE_URL: url('postgresql') ?? url('mongodb'),
      MONGO_URL: url('mongodb'),
      POSTGRESQL_DB_CONNECT_STRING: url('postgresql'),
      WEBSERVICE_URL: url('webservice'),
    };
    return Object.fromEntries(
      Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
  }

  get isReady(): boolean {
    const used = new Set([...this.offers.keys()].map((id) => KIND[endpointOf(id)]));
    return [...used].every((kind) => {
      const [oldest] = [...this.offers.keys()].filter((id) => KIND[endpointOf(id)] === kind);
      const offer = oldest === undefined ? undefined : this.offers.get(oldest);
      return typeof offer === 'object' && 'ready' in offer;
    });
  }
}

function endpointOf(id: string): Endpoint {
  return id.replace(/:.*/, '') as Endpoint;
}

/** The variables of relations that the service was started with. */
function servedEnvironment(world: State): Record<string, string> {
  const unit = String(world.files['/etc/systemd/system/gunicorn3.service']);
  const path = /^EnvironmentFile=.*?(\/etc\/gunicorn3\/environment-\w+)/m.exec(unit)?.[1] ?? '';
  const lines = String(world.files[path]).matchAll(
    /^(DATABASE_URL|MONGO_URL|POSTGRESQL_DB_CONNECT_STRING|WEBSERVICE_URL)="(.*)"$/gm,
  );
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

type Step =
  | { readonly what: 'relate'; readonly endpoint: Endpoint; readonly early: Offer | undefined }
  | { readonly what: 'join' | 'write'; readonly at: number; readonly offer: Offer }
  | { readonly what: 'depart'; readonly at: number }
  | { readonly what: 'break'; readonly at: number }
  | { readonly what: 'other'; readonly name: string };

const offer: fc.Arbitrary<Offer> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ready: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ lacks: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constantFrom<Offer>('nonsense', 'nothing') },
);
const at = fc.nat(5);
const step: fc.Arbitrary<Step & { readonly killAt?: number | undefined }> = fc
  .tuple(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          what: fc.constant('relate' as const),
          endpoint: fc.constantFrom<Endpoint>(...UNIT_DATA, ...APP_DATA),
          early: fc.option(offer, { nil: undefined }),
        }),
      },
      { weight: 6, arbitrary: fc.record({ what: fc.constantFrom('join' as const, 'write' as const), at, offer }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('depart' as const), at }) },
      { weight: 1, arbitrary: fc.record({ what: fc.constant('break' as const), at }) },
      {
        weight: 1,
        arbitrary: fc.record({
          what: fc.constant('other' as const),
          name: fc.constantFrom('update-status', 'config-changed'),
        }),
      },
    ),
    fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined, freq: 6 }),
  )
  .map(([one, killAt]) => ({ ...one, killAt }));

describe('the environment of the application', () => {
  let charm: Charm;
  let served: State;

  beforeAll(async () => {
    charm = await loadCharm('.');
    served = await run(charm, 'install', state({ unit: 'wsgi/0', leader: true, config: { settle_time: 0 } }));
  });

  /** Tells an event, perhaps twice because the first hook was killed, and holds the outcome against the model. */
  async function tell(model: Model, event: string | Event, world: State, killAt: number | undefined): Promise<void> {
    const before = servedEnvironment(model.world);
    let tried = world;
    let killed = false;
    if (killAt !== undefined) {
      try {
        tried = await run(charm, event, world, { killAt });
        // It had ended before: the same event does not come again.
        model.world = tried;
        model.settle();
        expect(servedEnvironment(tried)).toEqual(model.environment);
        return;
      } catch (error) {
        if (!(error instanceof HookFailedError)) throw error;
        tried = error.outcome;
        killed = true;
      }
    }
    const after: Outcome = await run(charm, event, tried);
    model.world = after;
    model.settle();
    expect(servedEnvironment(after)).toEqual(model.environment);
    expect(after.status.status).toMatch(model.isReady ? /^active$/ : /^(waiting|blocked)$/);
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
    const restarts = after.ran.filter(
      ({ program, args }) => program === 'systemctl' && /^(re)?start$/.test(args[0] ?? ''),
    );
    const ofService = restarts.filter(({ args }) => args.includes('gunicorn3.service'));
    const differs = JSON.stringify(before) !== JSON.stringify(servedEnvironment(after));
    if (!killed) expect(ofService.length > 0).toBe(differs);
  }

  async function play(
    model: Model,
    { killAt, ...one }: Step & { readonly killAt?: number | undefined },
  ): Promise<void> {
    if (one.what === 'other') return tell(model, one.name, model.world, killAt);
    if (one.what === 'relate') {
      const id = model.newId(one.endpoint);
      const hasAppData = (APP_DATA as readonly string[]).includes(one.endpoint);
      model.offers.set(id, 'nothing');
      const related = withRelation(model.world, id, { remoteUnits: {}, remoteAppData: {} });
      await tell(model, relationCreated(id), related, killAt);
      if (one.early === undefined || !hasAppData) return;
      model.offers.set(id, one.early);
      const early = withRelation(model.world, id, { remoteAppData: bagOf(one.endpoint, one.early) });
      return tell(model, relationChanged(id), early, undefined);
    }
    const ids = [...model.offers.keys()];
    const id = ids[one.at % Math.max(ids.length, 1)];
    if (id === undefined) return;
    const endpoint = endpointOf(id);
    const unit = `remote${id.replace(/.*:/, '')}/0`;
    const relation = model.world.relations.find((other) => other.id === id);
    const isThere = relation?.remoteUnits[unit] !== undefined;
    const ofUnit = (UNIT_DATA as readonly string[]).includes(endpoint);
    if (one.what === 'break') {
      // The unit may never have been said to depart.
      const alone = withRelation(model.world, id, { remoteUnits: {} });
      model.offers.delete(id);
      return tell(model, relationBroken(id), alone, killAt);
    }
    if (one.what === 'depart') {
      if (!isThere) return;
      if (ofUnit) model.offers.set(id, 'nothing');
      return tell(model, relationDeparted(id, unit), model.world, killAt);
    }
    if (one.what === 'join' && !isThere) {
      if (ofUnit) model.offers.set(id, one.offer);
      const bag = ofUnit ? bagOf(endpoint, one.offer) : {};
      const joined = withRelation(model.world, id, { remoteUnits: { [unit]: bag } });
      await tell(model, relationJoined(id, unit), joined, killAt);
      return tell(model, relationChanged(id, unit), model.world, undefined);
    }
    if (ofUnit && !isThere) return;
    model.offers.set(id, one.offer);
    const bag = bagOf(endpoint, one.offer);
    const written = withRelation(model.world, id, ofUnit ? { remoteUnits: { [unit]: bag } } : { remoteAppData: bag });
    return tell(model, ofUnit ? relationChanged(id, unit) : relationChanged(id), written, killAt);
  }

  it('is what the data says after every hook, and the service is started anew only when it differs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14, size: 'max' }), async (steps) => {
        const model = new Model(served);
        for (const one of steps) await play(model, one);
      }),
      { numRuns: 12, interruptAfterTimeLimit: 60_000 },
    );
  });
});

function withRelation(world: State, id: string, change: Partial<State['relations'][number]>): State {
  const known = world.relations.find((relation) => relation.id === id);
  const remoteApp = `remote${id.replace(/.*:/, '')}`;
  const relation = known ?? { id, remoteApp, remoteUnits: {}, remoteAppData: {}, localUnitData: {}, localAppData: {} };
  return { ...world, relations: [...world.relations.filter((other) => other.id !== id), { ...relation, ...change }] };
}
