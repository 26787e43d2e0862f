import { parsePortRange, showRange } from '../local-juju/hooktools/index.ts';
import type { CharmMeta } from './charm.ts';
import { applicationOf } from './event.ts';
import { listed } from './meta.ts';
import type { State } from './state.ts';

const UNIT = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*\/\d+$/;
const SECRET_ID = /^[0-9a-z]{20}$/;

/** The unit itself, and what it has from Juju besides config and relations. */
export function unitMistakes(meta: CharmMeta, state: State): string[] {
  return [
    ...nameMistakes(meta, state),
    ...resourceMistakes(meta, state),
    ...secretMistakes(state),
    ...storageMistakes(meta, state),
    ...portMistakes(state),
    ...pathMistakes(state),
  ];
}

function nameMistakes({ metadata }: CharmMeta, { unit, principal, jujuVersion }: State): string[] {
  const mistakes = [];
  if (!UNIT.test(unit)) mistakes.push(`unit: ${unit} should be an application and a number, such as wsgi/0`);
  if (!/^\d+\.\d+/.test(jujuVersion)) mistakes.push(`jujuVersion: ${jujuVersion} should be such as 3.6.1`);
  if (metadata.subordinate === true && principal === undefined) {
    mistakes.push('principal: the charm is a subordinate, so its unit came with another; name that one');
  }
  if (metadata.subordinate !== true && principal !== undefined) {
    mistakes.push(`principal: the charm is no subordinate, so its unit came with none; leave ${principal} out`);
  }
  return mistakes;
}

function resourceMistakes({ metadata }: CharmMeta, { resources }: State): string[] {
  const declared = Object.keys(metadata.resources ?? {});
  return Object.keys(resources)
    .filter((name) => !declared.includes(name))
    .map((name) => `resources.${name}: metadata.yaml has no such resource; it has ${listed(declared)}`);
}

function storageMistakes({ metadata }: CharmMeta, { storage }: State): string[] {
  const declared = Object.keys(metadata.storage ?? {});
  return storage.flatMap(({ id }) => {
    if (!/^[a-z][a-z0-9_-]*\/\d+$/.test(id)) return [`storage ${id}: an id is a name and a number, such as uploads/0`];
    const name = applicationOf(id);
    return declared.includes(name)
      ? []
      : [`storage ${id}: metadata.yaml has no storage ${name}; it has ${listed(declared)}`];
  });
}

function secretMistakes({ secrets, jujuVersion, unit }: State): string[] {
  if (secrets.length > 0 && Number.parseInt(jujuVersion, 10) < 3) {
    return [`secrets: Juju ${jujuVersion} has no secrets; 3.0 is the first that has`];
  }
  return secrets.flatMap(({ id, owner, revisions, tracked }) => {
    if (!SECRET_ID.test(id)) return [`secret ${id}: an id is twenty lower-case letters and digits, without "secret:"`];
    if (owner === unit || owner === applicationOf(unit)) {
      return [`secret ${id}: this charm's own secrets have the owner 'unit' or 'application'`];
    }
    if (tracked === undefined || (tracked >= 1 && tracked <= revisions.length)) return [];
    return [`secret ${id}: revision ${tracked} is tracked, and there are ${revisions.length}; they count from 1`];
  });
}

function portMistakes({ ports, otherPorts }: State): string[] {
  const others = Object.entries(otherPorts).flatMap(([unit, held]) => held.map((port) => ({ unit, port })));
  const bad = [...ports, ...others.map(({ port }) => port)].filter((port) => !isRange(port));
  if (bad.length > 0)
    return bad.map((port) => `port ${port}: write it as opened-ports does: 80/tcp, 8000-8010/udp, icmp`);
  return others
    .filter(({ port }) => ports.some((own) => overlap(own, port)))
    .map(({ unit, port }) => `port ${port}: ${unit} has it open, so this unit could not open it`);
}

function isRange(port: string): boolean {
  try {
    return showRange(parsePortRange(port)) === port;
  } catch {
    return false;
  }
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [parsePortRange(one), parsePortRange(other)];
  return a.protocol === b.protocol && a.from <= b.to && b.from <= a.to;
}

function pathMistakes({ files, links, modes }: State): string[] {
  const paths = new Set([...Object.keys(files), ...Object.keys(links), ...Object.keys(modes)]);
  return [...paths]
    .filter((path) => !path.startsWith('/') || path.split('/').includes('..'))
    .map((path) => `files: ${path} should be an absolute path without ..`);
}
