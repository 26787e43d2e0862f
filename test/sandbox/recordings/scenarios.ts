/** The recorded scenarios, with what is not held to them and why. */

import type { Allowance } from './compare.ts';
import type { Scenario } from './hold.ts';

/** A secret that has expired is told of every 15 s by 4.0.14, for it cannot be removed: a quirk. */
const expired: NonNullable<Allowance['leaveOut']> = ({ ev }) => ev === 'secret-expired';

export const config: Scenario = {
  recording: '01-config-actions-status',
  allow: {
    ops: {
      4: 'names a URL of the controller',
      67: 'a resource has no identifier here',
      68: 'statuses hang on the clock',
    },
  },
};

export const relations: Scenario = {
  recording: '02-relations',
  // Refused, for a relation goes on "existing" for seconds after its end; here it has ended with the command.
  lines: ({ n }) => n !== 165,
  allow: {
    ops: {
      129: 'the quirk of in-scope: false for a unit that is in scope',
      170: 'no cross-model relations, so nothing to suspend',
    },
    ghosts: ['ann/2'],
  },
};

export const failures: Scenario = {
  recording: '03-failures',
  // After that the agent is killed: so is a command in killed-agent.test.ts.
  lines: ({ n }) => n < 79,
  allow: { ops: { 40: 'statuses hang on the clock' }, ghosts: ['ann/2'] },
};

export const refresh: Scenario = {
  recording: '04-refresh-resources',
  allow: {
    ops: {
      6: "lists the agent's own files",
      18: 'a resource is known by its time',
      19: 'names a URL of the controller',
      31: "lists the agent's own files",
      76: "lists the agent's own files",
    },
    leaveOut: expired,
  },
};

export const leadership: Scenario = {
  recording: '05-leader-peers-secrets',
  // Sets a label that a secret left by an earlier try has, to which the controller's database has something to say.
  lines: ({ n }) => n !== 69,
  allow: { ghosts: ['bob/4'], leaveOut: expired },
};

export const secrets: Scenario = {
  recording: '05x-secrets-first-try',
  lines: ({ n }) => n >= 53 && n <= 114,
  allow: { leaveOut: expired },
};

export const subordinate: Scenario = {
  recording: '06-subordinate',
  allow: {
    ops: { 5: 'the quirk of a subordinate unit by add-unit', 103: 'the same' },
    answers: { 279: { 'goal-state': 'asked in the moment in which a unit of its relation was removed' } },
    ghosts: ['sue/4', 'ann/4', 'sue/8'],
    leaveOut: expired,
  },
};

/** Applications without relations are removed with no stop and no remove: a quirk. */
const lastHooks: NonNullable<Allowance['leaveOut']> = ({ ev }) => ev === 'stop' || ev === 'remove';

export const dispatch: Scenario = {
  recording: '07-dispatch-logging',
  allow: {
    ops: {
      26: 'workers of the agent speak too',
      48: 'picked lines',
      49: 'workers of the agent speak too',
      50: 'places in the source',
      51: 'picked lines',
      53: 'picked lines',
      54: 'picked lines',
      55: 'picked lines',
    },
    leaveOut: lastHooks,
  },
};

const early = { 'opened-ports': 'a command of the operator came between the hooks' };
const cut = 'what was recorded of it is cut';
const noFiles = 'the quirk of config --file being refused';

export const edges: Scenario = {
  recording: '08-edges',
  allow: {
    ops: { 69: cut, 81: cut, 85: noFiles, 87: noFiles, 97: noFiles },
    answers: { 10: early, 16: early, 19: early },
    ghosts: ['ann/4', 'sue/4', 'bob/4', 'sue/8'],
    leaveOut: expired,
  },
};
