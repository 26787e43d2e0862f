import type { Condition, Flag, Handler, HandlerApi, Json } from './types.ts';

/**
 * A handler: what runs, and when. All conditions must hold; they are tested in the order given, and the first that does
 * not hold ends the test.
 *
 * @example
 * ```ts
 * handler('serve', [when('wsgi.ready'), whenNot('wsgi.active')], ({ flags, juju }) => {
 *   juju.setStatus('maintenance', 'starting');
 *   flags.set('wsgi.active');
 * });
 * ```
 */
export function handler<Api extends HandlerApi = HandlerApi>(
  name: string,
  conditions: readonly Condition[],
  run: (api: Api) => void | Promise<void>,
): Handler<Api> {
  return { name, conditions, run };
}

/** While all of the flags are set. */
export function when(...flags: Flag[]): Condition {
  return { kind: 'when', flags };
}

/** The same as {@link when}. */
export const whenAll = when;

/** While at least one of the flags is set. */
export function whenAny(...flags: Flag[]): Condition {
  return { kind: 'whenAny', flags };
}

/** While none of the flags is set. */
export function whenNot(...flags: Flag[]): Condition {
  return { kind: 'whenNot', flags };
}

/** The same as {@link whenNot}. */
export const whenNone = whenNot;

/** While at least one of the flags is not set. */
export function whenNotAll(...flags: Flag[]): Condition {
  return { kind: 'whenNotAll', flags };
}

/**
 * In a hook of one of the names, before all handlers that look at flags.
 * Braces stand for alternatives, `*` for any run of characters: `{website,db}-relation-{joined,changed}`, `*-relation-broken`.
 */
export function hook(...patterns: string[]): Condition {
  return { kind: 'hook', patterns };
}

/** In an action of one of the names, with the patterns of {@link hook}. */
export function action(...patterns: string[]): Condition {
  return { kind: 'action', patterns };
}

/**
 * When the content of one of the files differs from when it was last tested; a file that is not there has no content.
 *
 * As in charms.reactive the test itself counts as having seen the change, in the hooks phase too, and a handler that is
 * tested again because another one cleared a flag has lost it. Put it last among the conditions, and let it say *look
 * again* rather than be the only memory of a change.
 */
export function fileChanged(...paths: string[]): Condition {
  return { kind: 'fileChanged', paths };
}

/**
 * When the value that `read` gives differs from the one that this handler last ran with. Unlike {@link fileChanged} a
 * change waits until the handler has run.
 *
 * @example
 * ```ts
 * handler('connect', [when('db.ready'), dataChanged('dsn', ({ juju }) => juju.config().dsn ?? null)], ({ flags }) => {
 *   flags.set('db.connected');
 * });
 * ```
 */
export function dataChanged(key: string, read: (api: HandlerApi) => Json): Condition {
  return { kind: 'dataChanged', key, read };
}

/** In the restricted hook `collect-metrics`. */
export function collectMetrics(): Condition {
  return { kind: 'restricted', hook: 'collect-metrics' };
}

/** In the restricted hook `meter-status-changed`. */
export function meterStatusChanged(): Condition {
  return { kind: 'restricted', hook: 'meter-status-changed' };
}

/**
 * While `test` says so, in every phase. A handler with no flags at all is tested in each iteration, and must see to it
 * that its own test becomes false.
 */
export function predicate(name: string, test: (api: HandlerApi) => boolean): Condition {
  return { kind: 'predicate', name, test };
}

/** Until the handler has run once in the life of the unit. A flag of one's own with {@link whenNot} is better style. */
export function onlyOnce(): Condition {
  return { kind: 'once' };
}

/** Logs a warning when the handler runs while one of the flags is not set, and keeps it from nothing. */
export function notUnless(...flags: Flag[]): Condition {
  return { kind: 'notUnless', flags };
}
