/** Shows an agent of the Canonical Observability Stack how the application does, for as long as one is related. */
import type { HookContext } from '../../juju/types.ts';
import type { WsgiApi } from '../api.ts';
import type { Prepared } from '../app/prepare.ts';
import type { Options } from '../config/options.ts';
import { readFleet } from '../fleet/peer.ts';
import { sourceSince } from '../memory/written-files.ts';
import { SERVICE } from '../paths.ts';
import type { Relations } from '../relations/databags.ts';
import { removeExporter } from '../service/remove.ts';
import { servedLabel } from '../source/ledger.ts';
import { tellCosAgent } from './cos-agent.ts';
import { EXPORTER_PATHS, runExporter } from './exporter.ts';
import { frameworkIn, writeFacts, writtenFacts } from './facts.ts';
import { type ExporterPorts, forgetPorts } from './ports.ts';

/** What the next hook compares with before it looks at everything again. */
export interface WatchedExporter {
  readonly paths: readonly string[];
  readonly pids: readonly number[];
}

/** What came to serve in this look. */
export interface Came {
  readonly prepared: Prepared;
  readonly options: Options;
}

/**
 * Runs the exporter and tells the agent of it; takes all of it away where none is related.
 *
 * @param ports undefined where no agent is related
 * @param came undefined where nothing came to serve: what is known of it is as it was
 * @throws Problem where the exporter does not run
 */
export async function observeApplication(
  api: WsgiApi,
  relations: Relations,
  ports: ExporterPorts | undefined,
  came: Came | undefined,
): Promise<WatchedExporter> {
  const { machine, data, juju } = api;
  if (ports === undefined) {
    await removeExporter(machine);
    forgetPorts(data);
    return { paths: [], pids: [] };
  }
  const written = await writtenFacts(machine);
  const since = sourceSince(data)?.at;
  await writeFacts(machine, {
    units: came === undefined ? written.units : unitsOf(api, relations, came),
    framework: came === undefined ? written.framework : await frameworkIn(machine, came.prepared.venv.path),
    build: servedLabel(data),
    since: since === undefined ? undefined : Math.floor(since / 1000),
    halted: isHalted(juju),
  });
  const pid = await runExporter(api, ports);
  await tellCosAgent(api, relations['cos-agent'], ports);
  return { paths: EXPORTER_PATHS, pids: [pid] };
}

/** What is to run on this unit: others than the leader run no scheduler. */
function unitsOf({ juju }: WsgiApi, relations: Relations, { prepared, options }: Came): string[] {
  const { processes } = prepared.desiredProcesses();
  const here = processes.filter(({ onLeader }) => !onLeader || juju.isLeader());
  const serves = options.wsgi_module !== undefined && relations['wsgi-file'].length === 0;
  return [...(serves ? [SERVICE] : []), ...here.flatMap(({ units }) => units)];
}

function isHalted(juju: HookContext): boolean {
  const state = readFleet(juju)?.state;
  return state?.halted !== undefined && state.halted.release === state.target;
}
