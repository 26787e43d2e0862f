/** The options as they are typed now, and as they were when the application last came to serve with them. */
import * as z from 'zod/mini';
import type { Config } from '../../juju/types.ts';
import type { PrivateRecord } from '../../system/private-record.ts';
import { type Options, parseOptions } from '../config/options.ts';
import { Problem } from '../status.ts';

/** Values may be secrets: they are kept where only root reads. */
const KEY = 'wsgi.served.config';
const Kept = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** @throws Problem for the first bad option; it says how many there are */
export function typedOptions(config: Config, applicationRoot: string): Options {
  const { options, problems } = parseOptions(config, { applicationRoot });
  if (options !== undefined) return options;
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new Problem('blocked', first === undefined ? 'an option is wrong' : `${first.option}: ${first.message}${more}`);
}

/** Called once the application serves with these. */
export function keepServedConfig(keep: PrivateRecord, config: Config): void {
  keep.set(KEY, JSON.parse(JSON.stringify(config)));
}

/** The options that it served with last; undefined where it never did. */
export function servedOptions(keep: PrivateRecord, applicationRoot: string): Options | undefined {
  const last = Kept.safeParse(keep.get(KEY));
  return last.success ? parseOptions(last.data, { applicationRoot }).options : undefined;
}

/** Names of the options that are not as they were when it served last; undefined where it never did. */
export function changedOptions(keep: PrivateRecord, config: Config): string[] | undefined {
  const last = Kept.safeParse(keep.get(KEY));
  if (!last.success) return undefined;
  const names = new Set([...Object.keys(last.data), ...Object.keys(config)]);
  return [...names].filter((name) => last.data[name] !== config[name]).sort();
}
