import type { WsgiApi } from '../api.ts';

export async function runChecks(_api: WsgiApi): Promise<boolean> {
  return false;
}
