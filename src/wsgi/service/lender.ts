/**
 * Lends the service's port to a gunicorn that another charm runs. Both accept from one socket, which systemd holds as before: so
 * the service goes on until the other one serves, and that one until the service does again. No request is refused.
 */
import renderProgram from '../../../templates/gunicorn3-lender.py.hbs';
import { listDirectory, removeFile, removeTree, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, disable, enable, isActive, resetFailed, restart, start, stop } from '../../system/systemd.ts';
import {
  LENDER,
  LENDER_ADDRESS,
  LENDER_PROGRAM,
  LENDER_SOCKET,
  RUNTIME_UNITS,
  SERVICE,
  socketUnit,
  UNITS,
} from '../paths.ts';
import { lenderSocket, lenderUnit } from '../unit/lender-units.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { endBridge } from './bridge.ts';
import { closeSocket, keepSocket } from './sockets.ts';
import { readServed, type Served } from './state.ts';

const UNIT_FILE = `${UNITS}/${LENDER}`;
/** While the socket is the lender's, the service finds it by its name. */
const OWN_DROP_INS = `${RUNTIME_UNITS}/${SERVICE}.d`;
const DROP_IN = `${OWN_DROP_INS}/lender.conf`;

export interface Loan {
  /** The unit of Juju. */
  readonly owner: string;
  /** Who may ask for the port besides root. */
  readonly group: string;
  /** Machine path of the configuration file that the other gunicorn reads. */
  readonly config: string;
}

/**
 * Opens the wanted port where it is not open yet, and lends it to whoever asks. A service that runs goes on until then.
 *
 * @returns whether the port could be had
 */
export async function lendPort(
  machine: Machine,
  wanted: DesiredService,
  served: Served,
  { owner, group, config }: Loan,
): Promise<boolean> {
  const { port } = wanted;
  const socket = socketUnit(port);
  const unit = lenderUnit({
    owner,
    python: wanted.process.python,
    program: machine.path(LENDER_PROGRAM),
    config: machine.path(config),
    socket,
  });
  const put = (path: string, text: string) => writeFile(machine, path, text, { mode: 0o644 });
  await put(LENDER_PROGRAM, renderProgram({}));
  await put(UNIT_FILE, unit);
  await put(`${UNITS}/${LENDER_SOCKET}`, lenderSocket(owner, machine.path(LENDER_ADDRESS), group));
  await put(`${UNITS}/${socket}`, wanted.socketUnit(port, LENDER));
  if (served.pid !== undefined) await put(DROP_IN, `[Service]\nSockets=${socket}\n`);
  await keepSocket(machine, port);
  await endBridge(machine);
  await disable(machine, SERVICE);
  await enable(machine, socket, LENDER_SOCKET);
  await daemonReload(machine);
  const isOpen = served.sockets.some((one) => one.port === port && one.active);
  // A socket that is not open cannot start while its service runs: the lender brings it along.
  await (isOpen ? start : restart)(machine, LENDER_SOCKET, LENDER);
  for (const other of served.sockets) if (other.port !== port) await closeSocket(machine, other.port);
  if (await isActive(machine, socket)) return true;
  await endLoan(machine);
  return false;
}

/** Whether the port is lent, or a hook was killed over it. */
export async function isLent(machine: Machine): Promise<boolean> {
  return (await listDirectory(machine, UNITS)).includes(LENDER);
}

/** Has the socket belong to the service again. Whoever it is lent to goes on. Returns what serves now. */
export async function reclaimPort(machine: Machine, wanted: DesiredService, served: Served): Promise<Served> {
  for (const { port } of served.sockets) {
    await writeFile(machine, `${UNITS}/${socketUnit(port)}`, wanted.socketUnit(port), { mode: 0o644 });
  }
  await daemonReload(machine);
  return readServed(machine);
}

/** Lends the port no more, and removes all that belongs to that. Does nothing where it was not lent. */
export async function endLoan(machine: Machine): Promise<void> {
  if (!(await isLent(machine))) return;
  const { sockets } = await readServed(machine);
  // Whoever connects would start a service that does not serve.
  if (!(await isActive(machine, SERVICE))) await stop(machine, ...sockets.map(({ port }) => socketUnit(port)));
  await disable(machine, LENDER_SOCKET);
  await stop(machine, LENDER_SOCKET, LENDER);
  await resetFailed(machine, LENDER_SOCKET, LENDER);
  await removeFile(machine, DROP_IN);
  if ((await listDirectory(machine, OWN_DROP_INS)).length === 0) await removeTree(machine, OWN_DROP_INS);
  for (const path of [LENDER_PROGRAM, `${UNITS}/${LENDER_SOCKET}`, UNIT_FILE]) await removeFile(machine, path);
  await daemonReload(machine);
}
