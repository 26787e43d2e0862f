/**
 * What was served last: written once, at the end of a look that came to serve. What is wanted is compared with it, and it is
 * what the unit goes back to.
 */
import * as z from 'zod/mini';
import type { Config } from '../../juju/types.ts';
import type { WsgiApi } from '../api.ts';
import { type Options, parseOptions } from '../config/options.ts';
import { type LastAnswers, readLastAnswers, writeLastAnswers } from '../relations/last-answers.ts';
import { blocked } from '../status.ts';

/** The parts are kept under the names that they had in earlier revisions, so that a refresh finds them either way. */
const CONFIG = 'wsgi.served.config';
const SOURCE = 'wsgi.served.source';
const STARTED = 'wsgi.started';
const RELEASE = 'wsgi.served.release';

const Kept = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export interface LastServed {
  /** The options as Juju gave them; undefined where the application never served. */
  readonly config: Config | undefined;
  /** The answers of relations that the application was given. */
  readonly answers: LastAnswers;
  /** Digest of the source; undefined where none has served. */
  readonly source: string | undefined;
  /** The service was started by this charm, so that one found stopped was stopped by someone else. */
  readonly started: boolean;
  /** The release of the fleet that it was; undefined where none was agreed upon. */
  readonly release: string | undefined;
}

/** Config and answers may hold secrets, so they are in the record that only root reads. */
type Memory = Pick<WsgiApi, 'keep' | 'data'>;

export function readLastServed({ keep, data }: Memory): LastServed {
  const config = Kept.safeParse(keep.get(CONFIG));
  const source = data.get(SOURCE);
  const release = data.get(RELEASE);
  return {
    config: config.data,
    answers: readLastAnswers(keep),
    source: typeof source === 'string' ? source : undefined,
    started: data.get(STARTED) === true,
    release: typeof release === 'string' ? release : undefined,
  };
}

/** The one place where a look that came to serve is recorded. */
export function recordServed({ keep, data }: Memory, { config, answers, source, started, release }: LastServed): void {
  if (config !== undefined) keep.set(CONFIG, JSON.parse(JSON.stringify(config)));
  writeLastAnswers(keep, answers);
  if (source !== undefined) data.set(SOURCE, source);
  if (started) data.set(STARTED, true);
  if (release !== undefined) data.set(RELEASE, release);
}

/** This charm stopped the service itself. */
export function recordStopped({ data }: Memory): void {
  data.unset(STARTED);
}

/** @throws Problem for the first bad option; it says how many there are */
export function typedOptions(config: Config, applicationRoot: string): Options {
  const { options, problems } = parseOptions(config, { applicationRoot });
  if (options !== undefined) return options;
  const [first] = problems;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return blocked(first === undefined ? 'an option is wrong' : `${first.option}: ${first.message}${more}`);
}

/** The options that it served with last; undefined where it never did, or where they are no longer right. */
export function servedOptions({ config }: LastServed, applicationRoot: string): Options | undefined {
  return config && parseOptions(config, { applicationRoot }).options;
}

/** Names of the options that are not as they were when it served last; undefined where it never did. */
export function changedOptions({ config: served }: LastServed, config: Config): string[] | undefined {
  if (served === undefined) return undefined;
  const names = new Set([...Object.keys(served), ...Object.keys(config)]);
  return [...names].filter((name) => served[name] !== config[name]).sort();
}
