/**
 * The reactive engine: flags, triggers and handlers with the semantics of charms.reactive.
 *
 * @example
 * ```ts
 * import { handler, when, whenNot } from 'layer-wsgi/reactive';
 *
 * export const handlers = [
 *   handler('fetch', [whenNot('wsgi.source.available')], ({ flags }) => {
 *     flags.set('wsgi.source.available');
 *   }),
 *   handler('announce', [when('wsgi.available', 'config.changed.motd')], ({ juju }) => {
 *     juju.setStatus('active', String(juju.config().motd));
 *   }),
 * ];
 * ```
 *
 * @module
 */
export { anyFileChanged, isDataChanged, noteDataChanged } from './changes.ts';
export {
  action,
  collectMetrics,
  dataChanged,
  fileChanged,
  handler,
  hook,
  meterStatusChanged,
  notUnless,
  onlyOnce,
  predicate,
  when,
  whenAll,
  whenAny,
  whenNone,
  whenNot,
  whenNotAll,
} from './conditions.ts';
export { type Diagram, diagramOf, endsOf, toMermaid } from './diagram.ts';
export { HandlerError, ReactiveError, StoreError } from './errors.ts';
export type { ExternalOptions } from './external.ts';
export { openState, type RunOptions, runHandlers, type State } from './hook-run.ts';
export type { ManagedOptions } from './managed.ts';
export { type Interfaces, interfacesOf } from './patterns.ts';
export { FileStore, MemoryStore } from './store.ts';
export { Trace, type TraceEntry, traceVariable } from './trace.ts';
export { type CharmNames, type TypedReactive, typed } from './typed.ts';
export type { Condition, Data, Flag, Flags, Handler, HandlerApi, Json, Store, Trigger } from './types.ts';
