/**
 * A unit's agent and the model around it, as far as relations go: what others write becomes events, which are told one at
 * a time, merged, late, in Juju's order, and again when a hook fails. The hook tools are those of the local model.
 */
import {
  emptyPending,
  parsePortRange,
  type RelationView,
  runHookTool,
  showRange,
  type World,
  withChanges,
} from '../../packages/local-juju/hooktools/index.ts';
import { createHookContext, type RememberingContext } from './context.ts';
import { type HookEnvironment, hookEnvironment } from './environment.ts';
import type { Databag } from './types.ts';

export interface RelationEvent {
  readonly id: string;
  readonly step: 'created' | 'joined' | 'changed' | 'departed' | 'broken';
  /** Absent where the application is meant. */
  readonly unit?: string;
}

interface Remote {
  readonly id: string;
  readonly endpoint: string;
  readonly app: string;
  readonly bags: Map<string, Databag>;
  /** Units that the agent has told the charm of. */
  readonly members: Set<string>;
}

/** `lost`: Juju lost the writes after the process had ended well. `dropped`: failed, and resolved with --no-retry. */
export type Fate = 'ok' | 'failed' | 'lost' | 'dropped';

export const UNIT = 'wsgi/0';

export class Uniter {
  readonly relations = new Map<string, Remote>();
  readonly queue: RelationEvent[] = [];
  ports: string[] = [];
  status = { status: 'unknown', message: '' };
  /** Command lines of the last hook's tools. */
  calls: string[] = [];
  #kept: unknown;
  #interrupted = false;
  #next = 0;

  relate(endpoint: string, app: string): string {
    const id = `${endpoint}:${this.#next++}`;
    const bags = new Map([
      [UNIT, { 'ingress-address': '10.0.0.1' }],
      ['wsgi', {}],
      [app, {}],
    ] as [string, Databag][]);
    this.relations.set(id, { id, endpoint, app, bags, members: new Set() });
    this.queue.push({ id, step: 'created' });
    return id;
  }

  join(id: string, unit: string): void {
    this.write(id, unit, { 'ingress-address': unit });
    this.queue.push({ id, step: 'joined', unit }, { id, step: 'changed', unit });
  }

  /** Events of one unit that have not been told yet are told once. */
  write(id: string, entity: string, data: Databag): void {
    const remote = this.relations.get(id);
    const before = remote?.bags.get(entity);
    remote?.bags.set(entity, { ...before, ...data });
    if (remote === undefined || before === undefined) return;
    const event: RelationEvent = entity.includes('/') ? { id, step: 'changed', unit: entity } : { id, step: 'changed' };
    if (!this.queue.some((other) => same(other, event))) this.queue.push(event);
  }

  leave(id: string, unit: string): void {
    const told = this.relations.get(id)?.members.has(unit) === true;
    this.#forgetQueued((event) => event.id === id && event.unit === unit);
    if (told) this.queue.push({ id, step: 'departed', unit });
    else this.relations.get(id)?.bags.delete(unit);
  }

  /** Departed for each unit, then broken. A relation that the charm was not told of goes without a word. */
  unrelate(id: string): void {
    const untold = this.queue.some((event) => event.id === id && event.step === 'created');
    this.#forgetQueued((event) => event.id === id && event.step !== 'departed');
    for (const unit of this.relations.get(id)?.members ?? []) {
      const departed: RelationEvent = { id, step: 'departed', unit };
      if (!this.queue.some((event) => same(event, departed))) this.queue.push(departed);
    }
    if (untold) this.relations.delete(id);
    else this.queue.push({ id, step: 'broken' });
  }

  /** Whether an event that names this entity, or its relation as a whole, has yet to be told. */
  isPending(id: string, entity?: string): boolean {
    const app = this.relations.get(id)?.app;
    return this.queue.some(
      (event) =>
        event.id === id &&
        (event.step === 'created' || event.step === 'broken' || entity === undefined || (event.unit ?? app) === entity),
    );
  }

  /** Tells the next event of the queue, or an event that is about no relation. */
  hook(name: string | undefined, fate: Fate, body: (context: RememberingContext) => void, pick = 0): void {
    const event = name === undefined ? this.queue[0] : undefined;
    if (name === undefined && event === undefined) return;
    if (event !== undefined) this.#tell(event);
    const endedWell = this.#run(environmentOf(name, event, this.relations), fate, body, pick);
    if (event !== undefined && (endedWell || fate === 'dropped')) this.#told(event);
  }

  #run(environment: HookEnvironment, fate: Fate, body: (context: RememberingContext) => void, pick: number): boolean {
    const pending = emptyPending();
    const world = this.#world(environment);
    this.calls = [];
    const run = (tool: string, argv: readonly string[], stdin?: string) => {
      this.calls.push([tool, ...argv.slice(1)].join(' '));
      const effect = (said: { kind: string }) => {
        if (said.kind === 'status') this.status = { ...(said as unknown as typeof this.status) };
      };
      const context = { pending, effect, newSecretId: () => '' };
      return runHookTool(world, context, { tool, argv, stdin });
    };
    const remembered = this.#interrupted ? undefined : this.#kept;
    this.#interrupted = true;
    const options = { pick: (count: number) => pick % Math.max(count, 1), print: () => {} };
    const context = createHookContext(run, environment, remembered, options);
    body(context);
    if (fate === 'failed' || fate === 'dropped') return false;
    context.commit();
    this.#kept = JSON.parse(JSON.stringify(context.remember()));
    this.#interrupted = false;
    if (fate === 'lost') return false;
    this.ports = [
      ...this.ports.filter((port) => !pending.closed.some((closed) => showRange(closed) === port)),
      ...pending.opened.map(showRange),
    ];
    for (const [id, changes] of pending.unitBags) {
      const bags = this.relations.get(id)?.bags;
      bags?.set(UNIT, withChanges(bags.get(UNIT) ?? {}, changes));
    }
    return true;
  }

  #tell({ id, step, unit }: RelationEvent): void {
    const members = this.relations.get(id)?.members;
    if (unit !== undefined && step === 'joined') members?.add(unit);
    if (unit !== undefined && step === 'departed') members?.delete(unit);
    if (step === 'broken') members?.clear();
  }

  #told({ id, step, unit }: RelationEvent): void {
    this.queue.shift();
    if (step === 'broken') this.relations.delete(id);
    if (step === 'departed' && unit !== undefined) this.relations.get(id)?.bags.delete(unit);
  }

  #forgetQueued(isForgotten: (event: RelationEvent) => boolean): void {
    this.queue.splice(0, this.queue.length, ...this.queue.filter((event) => !isForgotten(event)));
  }

  #world({ unit }: HookEnvironment): World {
    return {
      jujuVersion: '3.6.1',
      modelUuid: '',
      unit: unit.unit,
      application: unit.application,
      leader: false,
      options: {},
      endpoints: ['website', 'db'],
      relations: [...this.relations.values()].map(viewOf),
      network: { address: '10.0.0.1', hostname: '', cidr: '10.0.0.0/24', macAddress: '', interfaceName: 'eth0' },
      ports: this.ports.map((port) => ({ ...parsePortRange(port), endpoint: '' })),
      machinePorts: [],
      status: this.status,
      applicationStatus: this.status,
      unitStatuses: {},
      state: {},
      leaderSettings: {},
      secrets: [],
      goalState: { units: {}, relations: {} },
      now: new Date(0),
      resource: () => new Error('none'),
    };
  }
}

function viewOf({ id, endpoint, app, bags, members }: Remote): RelationView {
  return { id, endpoint, remoteApp: app, peer: false, key: [], units: [...members], bag: (entity) => bags.get(entity) };
}

function environmentOf(
  name: string | undefined,
  event: RelationEvent | undefined,
  relations: ReadonlyMap<string, Remote>,
): HookEnvironment {
  const common = { JUJU_UNIT_NAME: UNIT, JUJU_CHARM_DIR: '/charm' };
  if (event === undefined) {
    const action = name === 'action' ? { JUJU_ACTION_NAME: 'act', JUJU_ACTION_TAG: 'action-1' } : {};
    return hookEnvironment({ ...common, ...action, JUJU_HOOK_NAME: action === undefined ? '' : (name ?? '') });
  }
  const remote = relations.get(event.id);
  return hookEnvironment({
    ...common,
    JUJU_HOOK_NAME: `${remote?.endpoint}-relation-${event.step}`,
    JUJU_RELATION: remote?.endpoint,
    JUJU_RELATION_ID: event.id,
    JUJU_REMOTE_APP: remote?.app,
    JUJU_REMOTE_UNIT: event.unit ?? '',
  });
}

function same(a: RelationEvent, b: RelationEvent): boolean {
  return a.id === b.id && a.step === b.step && a.unit === b.unit;
}
