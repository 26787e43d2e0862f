/**
 * The action plan: what other values of options would do to this unit. It decides as a hook does, by the same functions, and
 * does nothing of it.
 */
import * as z from 'zod/mini';
import { missingPackages } from '../../system/dpkg.ts';
import { readEnvironmentFile } from '../../system/environment-file.ts';
import { MachineError } from '../../system/errors.ts';
import { readFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import type { WsgiApi } from '../api.ts';
import { operatorVariables } from '../app/operator-variables.ts';
import { packagesFor } from '../app/packages.ts';
import { environmentOf } from '../app/prepare.ts';
import type { Variables } from '../config/environment-variables.ts';
import { BadValue } from '../config/values.ts';
import { withDataPaths, wsgiYamlOf } from '../config/wsgi-yaml.ts';
import { needsTurn, partOf } from '../fleet/rollout.ts';
import { secretKey } from '../fleet/secret-key.ts';
import { readLastServed, typedOptions } from '../memory/last-served.ts';
import { environmentPath } from '../paths.ts';
import { readProcesses } from '../processes/state.ts';
import { readConnections } from '../relations/connections.ts';
import { observe } from '../relations/databags.ts';
import { unitFacts } from '../relations/facts.ts';
import { askRelations } from '../relations/requests.ts';
import { RELATIONS } from '../relations/table.ts';
import { readServed, type Served } from '../service/state.ts';
import { readLedger, servedLabel } from '../source/ledger.ts';
import { Problem } from '../status.ts';
import { effects, type Now, type Wanted } from './effects.ts';
import { knownOf } from './known.ts';
import { plannedSource } from './planned-source.ts';
import { type WhatIf, whatIf } from './what-if.ts';
import { plannedOptions } from './words.ts';

const Params = z.object({ options: z.optional(z.string()) });

/** Shows the effects, a line each. */
export async function plan(api: WsgiApi): Promise<boolean> {
  const { juju } = api;
  try {
    const params = Params.safeParse(juju.actionParams());
    const given = plannedOptions(params.data?.options ?? '');
    const lines = await planned(whatIf(api, { ...juju.config(), ...given }));
    juju.actionResult({ plan: lines.length === 0 ? 'nothing changes' : lines.join('\n') });
  } catch (error) {
    if (error instanceof BadValue) juju.actionFail(`options: ${error.message}`);
    else if (error instanceof Problem) juju.actionResult({ plan: `${error.status}: ${error.message}` });
    else if (error instanceof MachineError) juju.actionResult({ plan: `blocked: ${error.message}` });
    else throw error;
  }
  return false;
}

async function planned({ api, written }: WhatIf): Promise<string[]> {
  const { machine, juju } = api;
  const plain = wsgiYamlOf(api);
  const options = typedOptions(juju.config(), plain.application_root);
  const yaml = withDataPaths(plain, options.data_paths);
  const relations = observe(juju, RELATIONS);
  const facts = unitFacts(api, options);
  const connections = await readConnections(facts, relations, readLastServed(api).answers);
  const held = askRelations(facts, relations, connections.variables);
  const operators = operatorVariables(juju, options);
  const served = await readServed(machine);
  const { source, ...build } = await plannedSource(api, options, yaml);
  const key = secretKey(api, options);
  const environment = environmentOf(api, options, connections, operators, key.variables);
  const part = options.wsgi_module && (await partOf(api, options, source?.digest, served));
  const missing = served.pid === undefined ? (connections.missing ?? key.missing) : key.missing;
  const wanted: Wanted = {
    ...build,
    packages: await missingPackages(machine, packagesFor(options)),
    environment,
    port: options.wsgi_module === undefined ? undefined : options.port,
    asks: written.filter(({ id }) => Object.keys(relations).some((endpoint) => id.startsWith(`${endpoint}:`))),
    turn: part && needsTurn(part) ? options.rollout : undefined,
    known: source && (await knownOf({ api, yaml, options, relations, connections, served, source, environment })),
  };
  const lines = effects(await nowOf(api, yaml.application_root, served), wanted);
  const problems = missing === undefined ? held : [...held, missing];
  return [...lines, ...problems.map(({ status, message }) => `${status}: ${message}`)];
}

async function nowOf({ machine, data }: WsgiApi, root: string, served: Served): Promise<Now> {
  const { units } = await readProcesses(machine);
  const current = readLedger(data).served.at(-1);
  return {
    label: servedLabel(data),
    folder: current === undefined ? root : `${root}/${current}`,
    environment: await environmentServed(machine, served),
    ports: served.sockets.filter(({ active }) => active).map(({ port }) => port),
    runs: served.pid !== undefined,
    processes: new Set([...units].filter(([, { state }]) => state !== 'inactive').map(([unit]) => unit)),
  };
}

/** What the running process was given by the charm, as its file has it; empty where nothing runs. */
async function environmentServed(machine: Machine, { generation }: Served): Promise<Variables> {
  const text = generation === undefined ? undefined : await readFile(machine, environmentPath(generation));
  const environment = readEnvironmentFile(text ?? '');
  // They follow the virtual environment, which has a line of its own.
  for (const name of ['PATH', 'VIRTUAL_ENV']) environment.delete(name);
  return environment;
}
