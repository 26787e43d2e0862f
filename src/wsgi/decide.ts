/** What a look starts from, and the ways to serve that follow from it. */
import type { WsgiApi } from './api.ts';
import type { Prepared } from './app/prepare.ts';
import type { Options } from './config/options.ts';
import { type WsgiYaml, wsgiYamlOf } from './config/wsgi-yaml.ts';
import { type Change, changeName } from './fleet/rollout.ts';
import { changedOptions, readLastServed, servedOptions, typedOptions } from './memory/last-served.ts';
import { type ExporterPorts, exporterPorts } from './metrics/ports.ts';
import { checkOwner } from './owner.ts';
import { removeProcesses } from './processes/replace.ts';
import { leaveToLeader } from './processes/watch.ts';
import { observe, type Relations } from './relations/databags.ts';
import { RELATIONS } from './relations/table.ts';
import { removeOrphan, sweep } from './service/remove.ts';
import { readServed, type Served } from './service/state.ts';
import { servesChosen } from './source/builds.ts';
import { servedLabel } from './source/ledger.ts';
import { resourceProblem } from './source/resource-state.ts';
import { attempt, type Problem } from './status.ts';

/** What is wanted, what served last, and what serves now. */
export interface Decision {
  readonly api: WsgiApi;
  readonly yaml: WsgiYaml;
  readonly relations: Relations;
  /** The options as they are typed, and as they were when it served last; undefined where they are wrong, or there are none. */
  readonly typed: Options | undefined;
  readonly last: Options | undefined;
  readonly served: Served;
  /** Where requests are counted; undefined where no relation asks for it. */
  readonly ports: ExporterPorts | undefined;
  /** What is to be said to the operator. */
  readonly problems: Problem[];
}

/** @returns undefined where the charm itself is wrong, or the machine is not ours */
export async function decide(api: WsgiApi, problems: Problem[]): Promise<Decision | undefined> {
  const relations = observe(api.juju, RELATIONS);
  const yaml = await attempt(problems, () => wsgiYamlOf(api));
  const owns = await attempt(problems, () => checkOwner(api));
  const left = owns && (await attempt(problems, () => removeOrphan(api)));
  if (left) await attempt(problems, () => removeProcesses(api.machine));
  if (yaml === undefined || owns === undefined) return undefined;
  problems.push(...resourceProblem(api.data));
  await leaveToLeader(api);
  if (api.interrupted) await sweep(api.machine, yaml.application_root);
  const typed = await attempt(problems, () => typedOptions(api.juju.config(), yaml.application_root));
  const last = servedOptions(readLastServed(api), yaml.application_root);
  const ports = await attempt(problems, () => exporterPorts(api.data, relations));
  return { api, yaml, relations, typed, last, served: await readServed(api.machine), ports, problems };
}

/** One way to serve. */
export interface Goal {
  readonly options: Options;
  readonly build: 'wanted' | 'served';
  /** Where it is noted why this could not be had. */
  readonly failures: Problem[];
}

/**
 * What is wanted now; where that cannot be had, what served last, so that a password that changed meanwhile still reaches it.
 * The second is asked for after the first was prepared, which may have installed a build.
 */
export function* goals({ api, typed, last, problems }: Decision): Generator<Goal> {
  if (typed !== undefined) yield { options: typed, build: 'wanted', failures: problems };
  if (last === undefined) return;
  const unchanged = changedOptions(readLastServed(api), api.juju.config())?.length === 0;
  if (typed !== undefined && unchanged && servesChosen(api.data, typed)) return;
  yield { options: last, build: 'served', failures: [] };
}

/** What a change is called, and whether it may wait for its turn. */
export function changeOf({ api }: Decision, { source, connections, desired, provisioning }: Prepared): Change {
  const last = readLastServed(api);
  const changed = changedOptions(last, api.juju.config()) ?? [];
  const label = servedLabel(api.data);
  const name = changeName({ label, newLabel: source.label, options: changed });
  // A change of the charm alone leaves no older options to go back to, so that new credentials would wait with it.
  const urgent = changed.length === 0 && JSON.stringify(connections.answers) !== JSON.stringify(last.answers);
  const provision = provisioning.command === undefined ? undefined : provisioning.words;
  return { desired: desired(), name, provision, urgent };
}
