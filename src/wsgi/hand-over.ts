/** The application in the hands of a gunicorn subordinate (wsgi-file), and back. */
import type { WsgiApi } from './api.ts';
import type { Relations } from './observe.ts';
import type { Options } from './options.ts';
import type { Prepared } from './prepare.ts';

export async function handOver(
  _api: WsgiApi,
  _relations: Relations,
  _options: Options,
  _prepared: Prepared,
): Promise<void> {}

export async function takeBack(_api: WsgiApi, _relations: Relations): Promise<void> {}
