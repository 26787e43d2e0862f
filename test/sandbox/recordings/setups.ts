/** What was in the model when a recording began: what the earlier ones had left. Nothing of it is compared. */

import { roundRobin } from '../../../packages/local-juju/local-model.ts';
import { addSecret, reviseSecret } from '../../../packages/local-juju/model/secrets.ts';
import type { ModelState } from '../../../packages/local-juju/model/state.ts';
import type { Stage } from './stage.ts';

type Counters = ModelState['counters'];

async function count(stage: Stage, set: (counters: Counters) => void): Promise<void> {
  await stage.model.change(({ state }) => set(state.counters));
}

async function must(stage: Stage, ...args: string[]): Promise<void> {
  const { code, err } = await stage.run(args);
  if (code !== 0) throw new Error(`${args.join(' ')}: ${err}`);
}

/** An unrelated application that keeps both machines in the model. */
async function keep(stage: Stage): Promise<void> {
  stage.model.order = roundRobin();
  await must(stage, 'deploy', `${stage.files}/hello.charm`, 'keep', '-n', '2');
  stage.quick(true);
  await count(stage, (counters) => {
    counters.relation = 1;
  });
}

/** From here on the recorder looks round again, and all is compared. */
function begin(stage: Stage): void {
  stage.quick(false);
  stage.events();
}

/** ann with three units, as scenario 4 found it. */
async function annOfThree(stage: Stage, config: Readonly<Record<string, string>>): Promise<void> {
  await count(stage, (counters) => {
    counters.charms.reca = 7;
  });
  const set = Object.entries(config).flatMap(([name, value]) => ['--config', `${name}=${value}`]);
  const resource = ['--resource', `blob=${stage.files}/blob2.bin`];
  await must(stage, 'deploy', `${stage.files}/reca-1.charm`, 'ann', '--to', '0', ...resource, ...set);
  await must(stage, 'add-unit', 'ann', '--to', '1');
  await count(stage, (counters) => {
    counters.units.ann = 3;
  });
  await must(stage, 'add-unit', 'ann', '--to', '0');
  await must(stage, 'refresh', 'ann', '--path', `${stage.files}/reca-3.charm`);
  await must(stage, 'exec', '--unit', 'ann/0', '--', FAILED_STATUS);
}

/** What a failing hook of scenario 3 had left. */
const FAILED_STATUS = 'status-set active "set in failing hook"; status-set --application blocked app-in-failing';
const SECRET = 'secret:d0000000000000000000';

export async function beforeRefresh(stage: Stage): Promise<void> {
  await keep(stage);
  await annOfThree(stage, { i: '99', s: 'err', sec: SECRET });
  await firstTrySecrets(stage);
  begin(stage);
}

/** Secrets of a first try, which could not be removed. */
async function firstTrySecrets(stage: Stage): Promise<void> {
  await stage.model.change(({ state }) => {
    const ann = { kind: 'application', name: 'ann' } as const;
    const content = { val: 'MQ==' };
    const [expires] = Object.values(state.machines).map(({ since }) => since);
    addSecret(state, ann, content, { label: 'exp', expires });
    addSecret(state, ann, content, { label: 'exp2', expires });
    const lab2 = addSecret(state, ann, content, { label: 'lab2', description: 'd2', rotation: 'hourly' });
    reviseSecret(state, lab2, { val: 'Mg==' });
    addSecret(state, ann, content, {});
    addSecret(state, { kind: 'unit', name: 'ann/0' }, content, {});
    addSecret(state, ann, content, {});
    const mine = addSecret(state, { kind: 'model', name: state.uuid }, { key: 'dg==' }, { name: 'mine' });
    reviseSecret(state, mine, { key: 'djI=' });
  });
}

/** And those of the second one. */
async function secondTrySecrets(stage: Stage): Promise<void> {
  await stage.model.change(({ state }) => {
    const content = { val: 'MQ==' };
    addSecret(state, { kind: 'application', name: 'ann' }, content, { label: 'lab' });
    addSecret(state, { kind: 'application', name: 'ann' }, content, {});
    addSecret(state, { kind: 'unit', name: 'ann/0' }, content, {});
  });
}

export async function beforeLeadership(stage: Stage): Promise<void> {
  await keep(stage);
  await annOfThree(stage, { i: '99', s: 'err4', sec: SECRET });
  await firstTrySecrets(stage);
  await count(stage, (counters) => {
    counters.units.bob = 4;
    counters.charms.recb = 3;
    counters.relation = 10;
  });
  begin(stage);
}

/** What bob's peer hooks had written. */
function bobData(unit: string): string {
  return `M=$(relation-ids mesh); relation-set -r $M p=${unit}; relation-set -r $M --app lead=${unit}`;
}

async function bobOfFive(stage: Stage): Promise<void> {
  await count(stage, (counters) => {
    counters.units.bob = 5;
    counters.charms.recb = 3;
    counters.relation = 10;
  });
  await must(stage, 'deploy', `${stage.files}/recb.charm`, 'bob', '--to', '0');
  await must(stage, 'exec', '--unit', 'bob/5', '--', bobData('bob/5'));
}

export async function beforeSubordinate(stage: Stage): Promise<void> {
  await keep(stage);
  await annOfThree(stage, { i: '99', s: 'err4', sec: SECRET });
  await firstTrySecrets(stage);
  await secondTrySecrets(stage);
  await bobOfFive(stage);
  await count(stage, (counters) => {
    counters.units.sue = 5;
    counters.charms.recsub = 1;
    counters.relation = 12;
  });
  begin(stage);
}

export async function beforeEdges(stage: Stage): Promise<void> {
  await keep(stage);
  await annOfThree(stage, { i: '99', s: 'err4', sec: SECRET });
  await firstTrySecrets(stage);
  await secondTrySecrets(stage);
  await bobOfFive(stage);
  await count(stage, (counters) => {
    counters.units.sue = 9;
    counters.charms.recsub = 1;
    counters.relation = 12;
  });
  await must(stage, 'deploy', `${stage.files}/recsub.charm`, 'sue');
  await count(stage, (counters) => {
    counters.relation = 15;
  });
  // sue/9 to sue/11 were made in this order; the last two are on one machine, and sue/11 was first at the port.
  const order = ['ann/1', 'ann/0', 'ann/3', 'sue/11'];
  stage.model.order = (units) => order.find((unit) => units.includes(unit)) ?? units[0] ?? '';
  stage.steer('sue', 'host-relation-joined', ['open-port 9100/tcp']);
  await must(stage, 'integrate', 'sue:host', 'ann:juju-info');
  stage.steer('all');
  begin(stage);
}

/** ann with two units, bob/3 related to it, no secrets yet. */
export async function beforeSecrets(stage: Stage): Promise<void> {
  await keep(stage);
  await must(
    stage,
    'deploy',
    `${stage.files}/reca-1.charm`,
    'ann',
    '--to',
    '0',
    '--resource',
    `blob=${stage.files}/blob1.bin`,
  );
  await must(stage, 'add-unit', 'ann', '--to', '1');
  await count(stage, (counters) => {
    counters.units.bob = 3;
    counters.relation = 5;
  });
  await must(stage, 'deploy', `${stage.files}/recb.charm`, 'bob', '--to', '0');
  await must(stage, 'integrate', 'ann:serve', 'bob:use');
  await must(stage, 'config', 'ann', 'i=99', 's=err');
  await must(stage, 'exec', '--unit', 'ann/0', '--', FAILED_STATUS);
  await must(stage, 'exec', '--unit', 'bob/3', '--', bobData('bob/3'));
  begin(stage);
}

export async function beforeAll(stage: Stage): Promise<void> {
  await keep(stage);
  begin(stage);
}
