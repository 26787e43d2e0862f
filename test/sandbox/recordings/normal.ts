/** Both sides of a comparison in one form: what differs from run to run becomes a word. */

import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { HookEvent } from './recording.ts';
import type { Stage } from './stage.ts';

type Rule = readonly [RegExp | string, string];

/** What differs on both sides: times, identifiers. */
const COMMON: readonly Rule[] = [
  [/<NUL \* \d+>|\0{100,}/g, '<NUL>'],
  [/<b \* \d+>|b{100,}/g, '<b>'],
  [/(<DATA>)?\/\S*\/script\.sh/g, '<SCRIPT>'],
  [/(?<=\n)\d\d:\d\d:\d\d(?= )/g, '<CLOCK>'],
  [/(?<=(?:[Oo]peration|[Tt]ask|id) "?|action-|JUJU_ACTION_UUID=)\d+/g, '<N>'],
  [/^fifo .*/g, 'fifo'],
  // What an agent says of a unit before its first hook passes as the clock goes.
  [/^(waiting for machine|installing agent|agent initialising)$/g, '<BEGINNING>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<TIME>'],
  [/<UUID-\d+>|<MODEL-\d+>/g, '<UUID>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<UUID>'],
  [/<SECRET-\d+>/g, '<SECRET>'],
  [/\bd(?!0{19})[0-9a-v]{19}\b/g, '<SECRET>'],
];

/** A real agent is root; a sandbox is whoever runs it. As printed by `stat -c '%a %U %s'` and, after `pwd`, by `id -u`. */
function ownerRules(): Rule[] {
  const { username, uid } = userInfo();
  return [
    [new RegExp(`(?<=^[0-7]{3} )${username}(?= \\d+$)`, 'gm'), 'root'],
    [new RegExp(`(?<=/charm\n)${uid}(?=\n)`, 'g'), '0'],
  ];
}

/** Ours to the placeholders of the recording. */
export function ourRules(stage: Stage): Rule[] {
  const { machines } = stage.model.state();
  const ofMachines = Object.values(machines).flatMap(({ id, address }): Rule[] => {
    const root = stage.root(id);
    const mac = address
      .split('.')
      .map((byte) => Number(byte).toString(16).padStart(2, '0'))
      .join(':');
    return [
      [join(root, 'var/lib/juju'), '<DATA>'],
      [join(root, 'var/tmp/rec'), '<REC>'],
      [join(root, 'var/tmp/y'), '/var/tmp/y'],
      [`${join(root, '../bin')}:`, ''],
      [`HOME=${join(root, 'root')}\n`, ''],
      [`${address.replace(/\.\d+$/, '.0')}/24`, '<NET>/24'],
      [address, `<ADDR-${id}>`],
      [`02:16:${mac}`, '<MAC>'],
    ];
  });
  return [
    ...ofMachines,
    ...ownerRules(),
    ['JUJU_MODEL_NAME=recorded', 'JUJU_MODEL_NAME=<MODEL>'],
    [stage.files, '<FILES>'],
    ['127.0.0.1:17070', '<API-ADDRESS>'],
    [/-[0-9a-f]{32}\b/g, '-<32 HEX>'],
  ];
}

export function normal(value: unknown, rules: readonly Rule[]): unknown {
  if (typeof value === 'string') {
    let text = value;
    for (const [from, to] of [...rules, ...COMMON]) text = text.replaceAll(from, to);
    return text;
  }
  if (Array.isArray(value)) return value.map((item) => normal(item, rules));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(
    ([key, item]) => [String(normal(key, rules)), normalField(key, item, rules)] as const,
  );
  // Things known by their identifier only become a list.
  if (fields.length > 1 && fields.every(([key]) => key === '<SECRET>')) {
    return fields.map(([, item]) => item).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return Object.fromEntries(fields);
}

/** The number of a task goes on from recording to recording. */
function normalField(key: string, item: unknown, rules: readonly Rule[]): unknown {
  return key === 'id' && typeof item === 'string' ? '<N>' : normal(item, rules);
}

/** What a process of a sandbox has otherwise than a hook of a real agent: it is no child of jujud, and leads its group. */
const NOT_COMPARED = ['parent', 'pgrp_is_pid', 'sid_is_pid', 'nice', 'uid', 'gid'];

/** An event in the common form. */
export function normalEvent(event: HookEvent, rules: readonly Rule[]): HookEvent {
  const tag = `unit-${event.unit.replace('/', '-')}`;
  const own = (value: unknown) => JSON.parse(JSON.stringify(normal(value, rules)).replaceAll(tag, 'unit-<UNIT>'));
  const { JUJU_MODEL_NAME: _name, WSGI_ROOT: _root, HOME: _home, ...rest } = event.env;
  const env = rest.JUJU_ACTION_UUID === undefined ? rest : { ...rest, JUJU_ACTION_UUID: '<N>' };
  const { other_env: _others, ...facts } = event.proc;
  const proc = Object.fromEntries(Object.entries(facts).filter(([key]) => !NOT_COMPARED.includes(key)));
  return {
    ...event,
    env: own(env),
    argv: own(event.argv),
    proc: own(proc),
    tools: Object.fromEntries(
      Object.entries(event.tools).map(([command, answer]) => [
        String(normal(command, rules)),
        sortLists(command, normal(answer, rules)),
      ]),
    ),
    acts: event.acts.map(([command, answer]) => [
      String(normal(command, rules)),
      sortLists(command, normal(answer, rules)),
    ]),
  };
}

/** secret-ids comes in any order. */
function sortLists(command: string, answer: unknown): unknown {
  return command.startsWith('secret-ids') && Array.isArray(answer) ? answer.toSorted() : answer;
}
