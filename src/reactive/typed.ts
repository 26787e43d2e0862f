import type { Config, HookContext, HookEvent, NetworkInfo, RelationId } from '../juju/types.ts';
import * as conditions from './conditions.ts';
import type { Condition, Handler, HandlerApi } from './types.ts';

/** What a charm declares, as types: from config.yaml, metadata.yaml and actions.yaml. */
export interface CharmNames {
  /** Options with the types of their values; those that may be absent with a question mark. */
  readonly options?: object;
  readonly endpoints?: string;
  readonly storage?: string;
  readonly actions?: string;
  /** Parameters of each action, by its name, with the types of their values. */
  readonly actionParams?: object;
  /** The charm's own flags; any string is one when this is left out. */
  readonly flags?: string;
  /** Flags of the layers below, of which all that begin with the same word are here: `wsgi.available`. */
  readonly layerFlags?: string;
}

type Option<C extends CharmNames> = C extends { readonly options: infer O } ? keyof O & string : never;
type Endpoint<C extends CharmNames> = C extends { readonly endpoints: infer E extends string } ? E : never;
type Storage<C extends CharmNames> = C extends { readonly storage: infer S extends string } ? S : never;
type Action<C extends CharmNames> = C extends { readonly actions: infer A extends string } ? A : never;

type Lifecycle =
  | 'install'
  | 'config-changed'
  | 'start'
  | 'stop'
  | 'remove'
  | 'upgrade-charm'
  | 'update-status'
  | 'leader-elected'
  | 'leader-settings-changed'
  | 'pre-series-upgrade'
  | 'post-series-upgrade'
  | 'secret-changed'
  | 'secret-expired'
  | 'secret-remove'
  | 'secret-rotate';
type RelationStep = 'created' | 'joined' | 'changed' | 'departed' | 'broken';

/** Names of hooks of a charm; `*` stands for all hooks, and for an endpoint or a storage for all of them. */
export type HookName<C extends CharmNames> =
  | '*'
  | Lifecycle
  | `${Endpoint<C> | '*'}-relation-${RelationStep}`
  | `${Storage<C> | '*'}-storage-${'attached' | 'detaching'}`;

/** The flags that the engine manages for a charm. */
export type ManagedFlag<C extends CharmNames> =
  | 'config.changed'
  | `config.${'changed' | 'set' | 'default'}.${Option<C>}`
  | 'leadership.is_leader'
  | 'leadership.changed'
  | `leadership.${'set' | 'changed'}.${string}`
  | `endpoint.${Endpoint<C>}.${'joined' | 'changed' | 'departed'}`
  | `endpoint.${Endpoint<C>}.changed.${string}`
  | 'upgrade.series.in-progress';

type ManagedPrefix = `config.${string}` | `leadership.${string}` | `endpoint.${string}` | `upgrade.series.${string}`;
type LayerFlag<C extends CharmNames> = C extends { readonly layerFlags: infer F extends string } ? F : never;
/** `wsgi.${string}` where `wsgi.available` is a flag of a layer. */
type LayerPrefix<F extends string> = F extends `${infer Word}.${string}` ? `${Word}.${string}` : never;
type OwnFlag<C extends CharmNames> = C extends { readonly flags: infer F extends string } ? F : string;

/** `F` itself when a charm has such a flag, else the flags that it has, for the compiler to say. */
export type KnownFlag<C extends CharmNames, F extends string> = F extends ManagedFlag<C> | LayerFlag<C>
  ? F
  : F extends ManagedPrefix
    ? ManagedFlag<C>
    : F extends LayerPrefix<LayerFlag<C>>
      ? LayerFlag<C>
      : F extends OwnFlag<C>
        ? F
        : OwnFlag<C>;

type KnownFlags<C extends CharmNames, F extends readonly string[]> = {
  readonly [I in keyof F]: KnownFlag<C, F[I]>;
};

type FlagCondition<C extends CharmNames> = <const F extends readonly string[]>(
  ...flags: F extends KnownFlags<C, F> ? F : KnownFlags<C, F>
) => Condition;

/** A condition of {@link TypedReactive.action}, which knows of which actions it is. */
export interface ActionCondition<A extends string> {
  readonly kind: 'action';
  readonly patterns: readonly A[];
}

type ActionsOf<Conditions extends readonly Condition[]> = Extract<
  Conditions[number],
  { readonly kind: 'action' }
>['patterns'][number];
type Params<C extends CharmNames, A extends string> = [A] extends [never]
  ? Readonly<Record<string, unknown>>
  : C extends { readonly actionParams: infer P }
    ? Readonly<P[A & keyof P]>
    : Readonly<Record<string, unknown>>;

/** {@link HookContext} of one charm: it takes the names that the charm has, and gives values of the types that its YAML says. */
export type TypedContext<C extends CharmNames, A extends string = never> = Omit<
  HookContext,
  'config' | 'relationIds' | 'network' | 'storageIds' | 'actionParams'
> & {
  config(): C extends { readonly options: infer O } ? Readonly<O> : Config;
  relationIds(endpoint: EndpointName<C>): readonly RelationId[];
  network(endpoint: EndpointName<C>, id?: RelationId): NetworkInfo | undefined;
  storageIds(name?: StorageName<C>): readonly string[];
  actionParams(): Params<C, A>;
};

type EndpointName<C extends CharmNames> = C extends { readonly endpoints: infer E extends string } ? E : string;
type StorageName<C extends CharmNames> = C extends { readonly storage: infer S extends string } ? S : string;
type TypedEvent<C extends CharmNames> = HookEvent & { readonly relation?: { readonly endpoint: EndpointName<C> } };

/** The api that a typed handler is given. @typeParam A the actions of its conditions, of which `juju.actionParams()` knows the types */
export type TypedApi<C extends CharmNames, Api extends HandlerApi, A extends string = never> = Omit<
  Api,
  'juju' | 'event'
> & {
  readonly juju: TypedContext<C, A>;
  readonly event: TypedEvent<C>;
};

/** {@link conditions} of which each takes only names that the charm has. */
export interface TypedReactive<C extends CharmNames, Api extends HandlerApi> {
  handler<const Conditions extends readonly Condition[]>(
    name: string,
    conditions: Conditions,
    run: (api: TypedApi<C, Api, ActionsOf<Conditions>>) => void | Promise<void>,
  ): Handler<Api>;
  readonly when: FlagCondition<C>;
  readonly whenAny: FlagCondition<C>;
  readonly whenNot: FlagCondition<C>;
  readonly whenNotAll: FlagCondition<C>;
  /** When any of these options changed. */
  whenConfigChanged(...options: Option<C>[]): Condition;
  /** While all of these options have a value other than false, 0 and ''. */
  whenConfigSet(...options: Option<C>[]): Condition;
  /** While any of these endpoints has a remote unit. */
  whenJoined(...endpoints: Endpoint<C>[]): Condition;
  /** When data of a remote unit changed; with keys, when one of these did. Clear the flag once it is handled. */
  whenEndpointChanged(endpoint: Endpoint<C>, ...keys: string[]): Condition;
  hook(...names: HookName<C>[]): Condition;
  action<const A extends Action<C>>(...names: A[]): ActionCondition<A>;
}

/**
 * The vocabulary of one charm, in which a typo in the name of an option, endpoint, action or flag does not compile.
 *
 * @example
 * ```ts
 * type Charm = { options: { port: number; motd: string }; endpoints: 'website' | 'db'; actions: 'migrate' };
 * const { handler, when, whenConfigChanged } = typed<Charm>();
 *
 * handler('greet', [whenConfigChanged('motd'), when('endpoint.website.joined')], ({ juju }) => {
 *   juju.setStatus('active', juju.config().motd);
 * });
 * // @ts-expect-error the option is motd
 * when('config.changed.mtod');
 * ```
 */
export function typed<C extends CharmNames, Api extends HandlerApi = HandlerApi>(): TypedReactive<C, Api> {
  return {
    // Juju gives options and parameters the types that the YAML says, so the narrower view of the same context is true.
    handler: (name, when, run) => conditions.handler<Api>(name, when, run as unknown as Handler<Api>['run']),
    when: (...flags) => conditions.when(...flags),
    whenAny: (...flags) => conditions.whenAny(...flags),
    whenNot: (...flags) => conditions.whenNot(...flags),
    whenNotAll: (...flags) => conditions.whenNotAll(...flags),
    whenConfigChanged: (...options) => conditions.whenAny(...options.map((option) => `config.changed.${option}`)),
    whenConfigSet: (...options) => conditions.when(...options.map((option) => `config.set.${option}`)),
    whenJoined: (...endpoints) => conditions.whenAny(...endpoints.map((endpoint) => `endpoint.${endpoint}.joined`)),
    whenEndpointChanged: (endpoint, ...keys) =>
      keys.length === 0
        ? conditions.when(`endpoint.${endpoint}.changed`)
        : conditions.whenAny(...keys.map((key) => `endpoint.${endpoint}.changed.${key}`)),
    hook: (...names) => conditions.hook(...names),
    action: (...names) => ({ kind: 'action', patterns: names }),
  };
}
