/** A model with nothing in it. */

import type { ModelState } from './state.ts';

const DEFAULT_JUJU_VERSION = '4.0.14';

export interface NewModel {
  readonly uuid: string;
  readonly machineKind: string;
  readonly name?: string;
  readonly jujuVersion?: string;
  readonly quirks?: boolean;
  readonly modelConfig?: Readonly<Record<string, string>>;
}

const MODEL_CONFIG: Readonly<Record<string, string>> = {
  'automatically-retry-hooks': 'true',
  'juju-ftp-proxy': '',
  'juju-http-proxy': '',
  'juju-https-proxy': '',
  'juju-no-proxy': '127.0.0.1,localhost,::1',
  'logging-config': '<root>=INFO;unit=DEBUG',
  'update-status-hook-interval': '5m',
};

export function newState({
  uuid,
  machineKind,
  name = 'local',
  jujuVersion,
  quirks,
  modelConfig,
}: NewModel): ModelState {
  return {
    format: 1,
    name,
    uuid,
    jujuVersion: jujuVersion ?? DEFAULT_JUJU_VERSION,
    machineKind,
    quirks: quirks ?? false,
    advanced: 0,
    modelConfig: { ...MODEL_CONFIG, ...modelConfig },
    counters: { machine: 0, relation: 0, operation: 0, units: {}, charms: {}, resources: 0, identifiers: 0 },
    machines: {},
    applications: {},
    units: {},
    relations: {},
    secrets: {},
    operations: [],
  };
}
