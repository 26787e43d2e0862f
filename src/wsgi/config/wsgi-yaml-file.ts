/** wsgi.yaml of the charm, as it is on the machine: an author may have changed it in a refresh. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { WsgiApi } from '../api.ts';
import { blocked } from '../status.ts';
import { parseWsgiYaml, type WsgiYaml } from './wsgi-yaml.ts';

export type { WsgiYaml };

/** @throws Problem with a sentence for the first mistake */
export function wsgiYamlOf({ charmDir }: Pick<WsgiApi, 'charmDir'>): WsgiYaml {
  const parsed = parseWsgiYaml(contents(join(charmDir, 'wsgi.yaml')));
  if (!parsed.ok) return blocked(`wsgi.yaml: ${parsed.problems[0]}`);
  return parsed.settings;
}

/** An absent file is an empty one: all settings have defaults. */
function contents(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    return blocked(`wsgi.yaml cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return loadAll(text)[0] ?? {};
  } catch (error) {
    const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
    return blocked(`wsgi.yaml is not YAML: ${line}`);
  }
}
