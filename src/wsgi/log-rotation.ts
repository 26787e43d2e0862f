/** The log file and its rotation. */
import type { Machine } from '../system/machine.ts';
import type { Options } from './options.ts';
import type { WsgiYaml } from './wsgi-yaml.ts';

export async function ensureLogRotation(_machine: Machine, _options: Options, _yaml: WsgiYaml): Promise<string[]> {
  return [];
}
