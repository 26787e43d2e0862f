/** A unit as it would be with other options: everything is read as it is, and nothing that is written is kept. */
import type { Config, HookContext } from '../../juju/types.ts';
import type { WsgiApi } from '../api.ts';

/** What would be written on a relation. */
export interface Written {
  readonly id: string;
  /** Names of the keys whose values differ from what is there. */
  readonly keys: readonly string[];
}

export interface WhatIf {
  readonly api: WsgiApi;
  /** What was written on relations so far. */
  readonly written: readonly Written[];
}

export function whatIf(api: WsgiApi, config: Config): WhatIf {
  const written: Written[] = [];
  const juju = unwritten(api.juju, config, written);
  const keep = { ...overlay(api.keep), damaged: api.keep.damaged, commit: () => undefined };
  const data = { ...overlay(api.data), keys: (prefix?: string) => api.data.keys(prefix) };
  return { api: { ...api, juju, keep, data }, written };
}

interface Values<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  unset(key: string): void;
}

function overlay<Value>(under: Values<Value>): Values<Value> {
  const over = new Map<string, Value | undefined>();
  return {
    get: (key) => (over.has(key) ? over.get(key) : under.get(key)),
    set: (key, value) => void over.set(key, value),
    unset: (key) => void over.set(key, undefined),
  };
}

function unwritten(juju: HookContext, config: Config, written: Written[]): HookContext {
  const nothing = () => undefined;
  return {
    ...juju,
    config: () => config,
    relationSet(id, data, { app = false } = {}) {
      const { application, unit } = juju.unit;
      const before = juju.relationGet(id, app ? application : unit);
      const keys = Object.keys(data).filter((key) => (before[key] ?? '') !== data[key]);
      if (keys.length > 0) written.push({ id, keys });
    },
    // Without a refresh: the unit would follow a new revision before its application has it.
    secret: (uri) => juju.secret(uri),
    addSecret: () => ({ whyNot: 'it is only planned' }),
    setSecret: () => ({}),
    removeSecret: () => ({}),
    grantSecret: () => ({}),
    openPort: nothing,
    closePort: nothing,
    setStatus: nothing,
    showStatus: nothing,
    setApplicationVersion: nothing,
    log: nothing,
    debug: nothing,
    actionResult: nothing,
    actionFail: nothing,
    commit: nothing,
  };
}
