/** The table of `juju status`, from the document that `--format json` prints. */

import type { ApplicationStatus, ModelStatus, StatusEntry, UnitStatus } from './model-status.ts';

export type Paint = (status: string) => string;
export type MakeTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right?: readonly number[],
) => string;

export interface TabularOptions {
  readonly table: MakeTable;
  readonly paint: Paint;
  readonly relations: boolean;
}

export function tabularStatus(status: ModelStatus, { table, paint, relations }: TabularOptions): string {
  const { name, controller, cloud, version } = status.model;
  const parts = [
    table(
      ['Model', 'Controller', 'Cloud/Region', 'Version', 'Timestamp'],
      [[name, controller, cloud, version, status.controller.timestamp]],
    ),
  ];
  const applications = Object.entries(status.applications);
  if (applications.length === 0) return `${parts[0]}\n\nModel ${JSON.stringify(name)} is empty.`;
  parts.push(applicationTable(applications, table, paint));
  const units = applications.flatMap(([, application]) => unitRows(application.units ?? {}, paint, ''));
  if (units.length > 0)
    parts.push(table(['Unit', 'Workload', 'Agent', 'Machine', 'Public address', 'Ports', 'Message'], units));
  const machines = machineRows(status, paint);
  if (machines.length > 0)
    parts.push(table(['Machine', 'State', 'Address', 'Inst id', 'Base', 'AZ', 'Message'], machines));
  const related = relations
    ? status.integrations.map((one) => [one.provider, one.requirer, one.interface, one.type, ''])
    : [];
  if (related.length > 0)
    parts.push(table(['Integration provider', 'Requirer', 'Interface', 'Type', 'Message'], related));
  return parts.join('\n\n');
}

function applicationTable(
  applications: readonly (readonly [string, ApplicationStatus])[],
  table: MakeTable,
  paint: Paint,
): string {
  const rows = applications.map(([name, application]) => [
    name,
    shorten(application.version ?? ''),
    paint(application['application-status'].current),
    String(scaleOf(name, application, applications)),
    application['charm-name'],
    '',
    String(application['charm-rev']),
    application.exposed ? 'yes' : 'no',
    application['application-status'].message ?? '',
  ]);
  return table(['App', 'Version', 'Status', 'Scale', 'Charm', 'Channel', 'Rev', 'Exposed', 'Message'], rows, [3, 6]);
}

/** A subordinate's units are shown under their principals. */
function scaleOf(
  name: string,
  application: ApplicationStatus,
  all: readonly (readonly [string, ApplicationStatus])[],
): number {
  const below = all.flatMap(([, other]) =>
    Object.values(other.units ?? {}).flatMap((unit) => Object.keys(unit.subordinates ?? {})),
  );
  return Object.keys(application.units ?? {}).length + below.filter((unit) => unit.startsWith(`${name}/`)).length;
}

const WIDEST_VERSION = 15;

function shorten(version: string): string {
  const line = version.replaceAll('\n', ' ');
  return line.length > WIDEST_VERSION ? `${line.slice(0, WIDEST_VERSION - 3)}...` : line;
}

function unitRows(units: Readonly<Record<string, UnitStatus>>, paint: Paint, indent: string): string[][] {
  return Object.entries(units).flatMap(([name, unit]) => [
    [
      `${indent}${name}${unit.leader === true ? '*' : ''}`,
      paint(unit['workload-status'].current),
      paint(unit['juju-status'].current),
      unit.machine ?? '',
      unit['public-address'],
      ports(unit),
      unit['workload-status'].message ?? agentMessage(unit['juju-status']),
    ],
    ...unitRows(unit.subordinates ?? {}, paint, `${indent}  `),
  ]);
}

function agentMessage({ current, message }: StatusEntry): string {
  return current === 'executing' && message !== undefined ? `(${message})` : '';
}

/** A port that the machine could not have as it is says where it is to be found. */
function ports(unit: UnitStatus): string {
  const mapped = unit['mapped-ports'] ?? {};
  return (unit['open-ports'] ?? [])
    .map((port) => (mapped[port] === undefined ? port : `${port}→${mapped[port]}`))
    .join(' ');
}

function machineRows(status: ModelStatus, paint: Paint): string[][] {
  return Object.entries(status.machines).map(([id, machine]) => [
    id,
    paint(machine['juju-status'].current),
    machine['dns-name'],
    machine['instance-id'],
    `${machine.base.name}@${machine.base.channel}`,
    '',
    machine['machine-status'].message ?? '',
  ]);
}
