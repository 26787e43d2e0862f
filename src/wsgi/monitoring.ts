/** Nagios checks, by the relations nrpe-external-master and verify. */
import type { WsgiApi } from './api.ts';
import type { Relations } from './observe.ts';
import type { Options } from './options.ts';

export async function updateMonitoring(
  _api: WsgiApi,
  _relations: Relations,
  _options: Options,
  _port: number | undefined,
): Promise<void> {}

export async function removeMonitoring(_api: WsgiApi): Promise<void> {}
