/** Nagios checks, by the relations nrpe-external-master and verify. */
import * as z from 'zod/mini';
import { digestOf } from '../../system/digest.ts';
import { listDirectory, readFile, removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import type { WsgiApi } from '../api.ts';
import { readAsks } from '../author-requests.ts';
import type { Options } from '../config/options.ts';
import { ownerOf } from '../owner.ts';
import type { Related, Relations } from '../relations/databags.ts';
import type { Address, Served } from '../service/state.ts';
import { type Checks, ownChecks, verifyChecks, withAuthors } from './nagios-checks.ts';
import { EXPORT, monitoringFiles, monitorsYaml, type NagiosHost, NRPE, nagiosHost, PLUGINS } from './nagios-files.ts';

const KEY = 'wsgi.monitoring';
const Told = z.object({ digest: z.string(), timestamp: z.number() });

/** Brings NRPE's and Nagios' files and the databags in line with what is to be checked; without a relation all of them go. */
export async function updateMonitoring(
  api: WsgiApi,
  relations: Relations,
  options: Options,
  served: Served,
): Promise<void> {
  const nrpe = relations['nrpe-external-master'];
  const { verify } = relations;
  if (nrpe.length === 0 && verify.length === 0) return removeMonitoring(api);
  const address = addressToCheck(served, options);
  const checks = nrpe.length === 0 ? {} : withAuthors(ownChecks(options, address), readAsks(api.keep).checks);
  const verified = verify.length === 0 ? {} : verifyChecks(options, address);
  const host = hostOf(api, nrpe, options);
  const files = monitoringFiles({ ...checks, ...verified }, host, api.machine.path(PLUGINS));
  await removeOthers(api.machine, host.owner, files);
  for (const [path, text] of files) await writeFile(api.machine, path, text, { mode: 0o644 });
  const timestamp = String(timestampOf(api, digestOf([...files])));
  tell(api, nrpe, checks, timestamp);
  tell(api, verify, verified, timestamp);
}

/** Removes all files of the checks. */
export async function removeMonitoring({ machine, juju, data }: WsgiApi): Promise<void> {
  await removeOthers(machine, juju.unit.unit, new Map());
  data.unset(KEY);
}

/** Where the application is to be served, whether or not it is: a dead one must be seen. */
export function addressToCheck({ sockets }: Served, { port }: Options): Address {
  const addresses = sockets.flatMap((socket) => (socket.port === port ? socket.addresses : []));
  return addresses.find(({ host }) => host.includes('.')) ?? { host: '127.0.0.1', port };
}

function hostOf({ juju }: WsgiApi, nrpe: readonly Related[], options: Options): NagiosHost {
  const [remote = {}] = nrpe.flatMap(({ units }) => Object.values(units));
  const { nagios_context: context, nagios_servicegroups: groups } = options;
  return nagiosHost({ unit: juju.unit.unit, remote, context, groups });
}

/** Files of this unit that are no longer wanted: of a check that is gone, or for a host that had another name. */
async function removeOthers(machine: Machine, owner: string, wanted: ReadonlyMap<string, string>): Promise<void> {
  for (const folder of [NRPE, EXPORT]) {
    for (const name of await listDirectory(machine, folder)) {
      const path = `${folder}/${name}`;
      if (wanted.has(path) || !name.endsWith('.cfg')) continue;
      if (ownerOf((await readFile(machine, path)) ?? '') === owner) await removeFile(machine, path);
    }
  }
}

/** Another one when a file has another content, so that the subordinate reads them again. */
function timestampOf({ data }: WsgiApi, digest: string): number {
  const told = Told.safeParse(data.get(KEY));
  if (told.success && told.data.digest === digest) return told.data.timestamp;
  const timestamp = Math.max(Math.floor(Date.now() / 1000), told.success ? told.data.timestamp + 1 : 0);
  data.set(KEY, { digest, timestamp });
  return timestamp;
}

function tell({ juju }: WsgiApi, relations: readonly Related[], checks: Checks, timestamp: string): void {
  for (const { id } of relations) juju.relationSet(id, { monitors: monitorsYaml(checks), primary: 'True', timestamp });
}
