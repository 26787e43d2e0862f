import type { WsgiApi } from '../api.ts';

/** Restarts the application as safely as for any change: tried beside the running one, with clients waiting. */
export function restartNow({ wsgi }: WsgiApi): boolean {
  wsgi.restart();
  return true;
}
