/** Runs the exporter, which shows Prometheus what gunicorn counts: its virtual environment, its program, its unit. */
import { join } from 'node:path';
import renderProgram from '../../../templates/exporter.py.hbs';
import { digestOf } from '../../system/digest.ts';
import { readFile, removeTree, writeFile } from '../../system/files.ts';
import { lastLine } from '../../system/last-line.ts';
import { environmentOf } from '../../system/processes.ts';
import { makeReadOnly } from '../../system/read-only-tree.ts';
import { daemonReload, enable, restart, show } from '../../system/systemd.ts';
import { ensureUser } from '../../system/users.ts';
import { sitePackages } from '../../system/venv.ts';
import { carriedWheels } from '../../system/venv-key.ts';
import type { WsgiApi } from '../api.ts';
import {
  EXPORTER,
  EXPORTER_FACTS,
  EXPORTER_PROGRAM,
  EXPORTER_USER,
  EXPORTER_VENV,
  GENERATION,
  UNITS,
} from '../paths.ts';
import { blocked, waiting } from '../status.ts';
import { UNSANDBOXED } from '../unit/desired-service.ts';
import { type ExporterSpec, exporterUnit } from './exporter-unit.ts';
import { type ExporterPorts, forgetPorts } from './ports.ts';

/** Written last, beside the environment. */
const MARKER = `${EXPORTER_VENV}.json`;

/** Machine paths of the files whose change is to be looked at. */
export const EXPORTER_PATHS = [
  `${UNITS}/${EXPORTER}`,
  `${UNITS}/${EXPORTER}.d`,
  EXPORTER_PROGRAM,
  EXPORTER_FACTS,
  MARKER,
] as const;

/**
 * Makes the exporter run with these ports.
 *
 * @returns its process
 * @throws Problem where it does not start
 */
export async function runExporter(api: WsgiApi, ports: ExporterPorts): Promise<number> {
  const { machine, juju, data } = api;
  const venv = await ensureVenv(api);
  await ensureUser(machine, EXPORTER_USER, { home: '/nonexistent' });
  const program = renderProgram({});
  const spec = (generation: string): ExporterSpec => ({
    owner: juju.unit.unit,
    python: machine.path(`${EXPORTER_VENV}/bin/python`),
    program: machine.path(EXPORTER_PROGRAM),
    facts: machine.path(EXPORTER_FACTS),
    ports,
    generation,
    sandboxing: data.get(UNSANDBOXED) !== true,
  });
  const generation = digestOf([exporterUnit(spec('')), program, venv]).slice(0, 16);
  await writeFile(machine, EXPORTER_PROGRAM, program, { mode: 0o644 });
  await writeFile(machine, `${UNITS}/${EXPORTER}`, exporterUnit(spec(generation)), { mode: 0o644 });
  const before = await running(api);
  if (before.pid !== undefined && before.enabled && before.loaded && before.generation === generation)
    return before.pid;
  await daemonReload(machine);
  await enable(machine, EXPORTER);
  const started = await restart(machine, EXPORTER);
  const { pid } = await running(api);
  if (started.ok && pid !== undefined) return pid;
  // A port may be another program's by now.
  forgetPorts(data);
  return waiting(
    `cos-agent: ${EXPORTER} does not start: ${started.ok ? 'it ends' : started.reason}; it is tried again`,
  );
}

interface Running {
  readonly pid: number | undefined;
  readonly generation: string | undefined;
  readonly enabled: boolean;
  /** systemd has read the unit's files as they are now. */
  readonly loaded: boolean;
}

async function running({ machine }: WsgiApi): Promise<Running> {
  const properties = ['ActiveState', 'MainPID', 'UnitFileState', 'NeedDaemonReload'];
  const shown = (await show(machine, [EXPORTER], properties)).get(EXPORTER) ?? {};
  const pid = shown.ActiveState === 'active' ? Number(shown.MainPID ?? 0) : 0;
  return {
    pid: pid > 0 ? pid : undefined,
    generation: pid > 0 ? environmentOf(pid, GENERATION) : undefined,
    enabled: shown.UnitFileState === 'enabled',
    loaded: shown.NeedDaemonReload !== 'yes',
  };
}

/** Makes the virtual environment, unless it is there for this Python. Returns what tells it from another. */
async function ensureVenv({ machine, charmDir }: WsgiApi): Promise<string> {
  const carried = join(charmDir, 'wheels');
  const wheel = carriedWheels(carried).find((name) => name.startsWith('prometheus_client-'));
  if (wheel === undefined) return blocked('cos-agent: this charm carries no prometheus_client; remove the relation');
  const python = await run(machine, ['-I', '-c', 'import sys; print(sys.implementation.cache_tag)']);
  const key = digestOf([python.trim(), wheel]).slice(0, 16);
  if ((await readFile(machine, MARKER)) === key && (await packagesFolder(machine)) !== undefined) return key;
  await removeTree(machine, EXPORTER_VENV);
  await run(machine, ['-I', '-m', 'venv', '--without-pip', machine.path(EXPORTER_VENV)]);
  const packages = (await packagesFolder(machine)) ?? blocked('cos-agent: python3 -m venv made no folder for packages');
  // A wheel of Python alone is unpacked where packages are. Source: packaging.python.org, "Binary distribution format".
  await run(machine, ['-I', '-m', 'zipfile', '-e', join(carried, wheel), machine.path(packages)]);
  makeReadOnly(machine, EXPORTER_VENV);
  await writeFile(machine, MARKER, key, { mode: 0o644 });
  return key;
}

async function packagesFolder(machine: WsgiApi['machine']): Promise<string | undefined> {
  return (await sitePackages(machine, EXPORTER_VENV))[0];
}

/** What python3 prints. @throws Problem where it fails */
async function run(machine: WsgiApi['machine'], args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await machine.run('python3', args, { timeout: 120 });
  return code === 0
    ? stdout
    : waiting(`cos-agent: python3 ${args[2]}: ${lastLine(stderr || stdout)}; it is tried again`);
}
