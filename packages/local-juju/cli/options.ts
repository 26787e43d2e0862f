/** What the verbs have in common: options, key=value arguments, documents as JSON and YAML. */

import { Option } from 'commander';
import { fromJson, GoStruct, type GoValue } from '../hooktools/go-value.ts';
import { goYaml } from '../hooktools/go-yaml.ts';
import { LocalError } from '../model/local-error.ts';
import type { Terminal } from './terminal.ts';

export function modelOption(): Option {
  return new Option('-m, --model <model>', 'name or folder of the model').env('WSGI_CHARM_MODEL').default('local');
}

export type OutputFormat = 'json' | 'yaml' | 'tabular' | 'plain' | 'short';

export function formatOption(formats: readonly OutputFormat[], initial: OutputFormat): Option {
  return new Option('--format <format>', 'how to print it').choices([...formats]).default(initial);
}

/** JSON or YAML, keys in the order that Juju has. */
export function printAs(terminal: Terminal, format: string, value: unknown): void {
  terminal.out(format === 'json' ? JSON.stringify(value) : goYaml(ordered(value)));
}

export function ordered(value: unknown): GoValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value === 'object') {
    return new GoStruct(
      Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, ordered(item)] as const])),
    );
  }
  return String(value);
}

/** Options that may be given more than once: `--config a=1 --config b=2`. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** `key=value` arguments. @throws LocalError 2 */
export function pairs(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    args.map((arg) => {
      const equals = arg.indexOf('=');
      if (equals <= 0) throw new LocalError(`expected "key=value", got ${JSON.stringify(arg)}`, 2);
      return [arg.slice(0, equals), arg.slice(equals + 1)];
    }),
  );
}

/** Maps of results, keys sorted as Go does. */
export function resultsYaml(results: object): string {
  return goYaml(fromJson(results));
}
