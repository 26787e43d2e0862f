/** Texts of the units that lend the service's ports to the gunicorn of another charm. */
import { commandLine, unitValue } from '../../system/unit-words.ts';
import { LENDER, LENDER_SOCKET, SERVICE } from '../paths.ts';
import { SOCKETS } from './unit-file.ts';

/** Paths are as the machine's processes see them. */
export interface LenderSpec {
  /** The unit of Juju that the file belongs to. */
  readonly owner: string;
  readonly python: string;
  /** The program of templates/gunicorn3-lender.py.hbs. */
  readonly program: string;
  /** The configuration file of the other gunicorn. */
  readonly config: string;
  /** The socket unit of the port. */
  readonly socket: string;
}

/** Holds the port together with whoever it is lent to. It is root, as it stops the service, and may do nothing else. */
export function lenderUnit({ owner, python, program, config, socket }: LenderSpec): string {
  return [
    `# Owner: ${owner}`,
    '[Unit]',
    'Description=Lend the port of gunicorn3.service to the gunicorn of another charm',
    '[Service]',
    `ExecStart=${commandLine([python, '-I', '-S', program, config, SERVICE, SOCKETS])}`,
    `Sockets=${socket} ${LENDER_SOCKET}`,
    'Restart=on-failure',
    `SyslogIdentifier=${LENDER.replace(/\.service$/, '')}`,
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'RestrictAddressFamilies=AF_UNIX',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'LockPersonality=yes',
    'MemoryDenyWriteExecute=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallErrorNumber=EPERM',
    '',
  ].join('\n');
}

/** Where the other gunicorn asks for the port: as root, or in the application's group. */
export function lenderSocket(owner: string, address: string, group: string): string {
  return [
    `# Owner: ${owner}`,
    '[Unit]',
    `Description=Whom ${LENDER} lends the port to`,
    '[Socket]',
    `ListenStream=${unitValue(address)}`,
    'SocketMode=0660',
    `SocketGroup=${group}`,
    'RemoveOnStop=yes',
    `Service=${LENDER}`,
    '[Install]',
    'WantedBy=sockets.target',
    '',
  ].join('\n');
}
