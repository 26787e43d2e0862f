/**
 * What handlers of a charm made from this layer are given. A handler takes from it what it needs; the vocabulary around it
 * is in `layer-wsgi/reactive`, Juju itself (`juju`, `event`) in `layer-wsgi/juju`.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import type { WsgiApi } from 'layer-wsgi';
 * import { handler, when } from 'layer-wsgi/reactive';
 *
 * export const handlers = [
 *   handler<WsgiApi>('write the settings', [when('config.changed.motd')], ({ juju, machine, wsgi }) => {
 *     writeFileSync(machine.path('/etc/motd.txt'), String(juju.config().motd));
 *     wsgi.restart();
 *   }),
 * ];
 * ```
 *
 * @module
 */
export type { Clock, Machine, RunOptions, RunResult } from './system/machine.ts';
export type { PrivateRecord, RecordJson } from './system/private-record.ts';
export type { ApplicationProcess, Check, Work, Wsgi, WsgiApi } from './wsgi/api.ts';
