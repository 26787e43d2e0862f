/** A local model in the sandbox that can be put back to where it was, and whose hooks can be ended at any side effect. */
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { LocalModel } from '../../packages/local-juju/local-model.ts';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';
import { preloadedCharm } from '../setup/preloaded-charm.ts';
import { type Orders, ordersIn } from './orders.ts';

const PRELOAD = join(import.meta.dirname, 'preload.ts');

export interface KilledModel extends AsyncDisposable {
  readonly model: LocalModel;
  /** The charm, with a Node that obeys. */
  readonly charm: string;
  /** Keeps the model, its machines and their files as they are, under a name. */
  keep(name: string): Promise<void>;
  /** Puts all of it back; machines have then been rebooted. */
  restore(name: string): Promise<void>;
  readonly orders: Orders;
}

export async function killedModel(): Promise<KilledModel> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'layer-wsgi-kill-')));
  const dir = join(base, 'model');
  const orders = ordersIn(base);
  const model = await LocalModel.create({ dir });
  const machines = async () =>
    Promise.all(Object.keys(model.state().machines).map((id) => Sandbox.open(join(dir, 'machines', id), { id })));
  const stopAll = async () => {
    if (existsSync(dir)) for (const machine of await machines()) await machine.stop();
  };
  return {
    model,
    charm: await preloadedCharm(base, PRELOAD, ['KILL_ORDER', orders.place]),
    orders,
    async keep(name) {
      await stopAll();
      await execa('cp', ['-a', '--reflink=auto', dir, join(base, name)]);
    },
    async restore(name) {
      await stopAll();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
      await execa('cp', ['-a', '--reflink=auto', join(base, name), dir]);
      for (const machine of await machines()) await machine.start();
    },
    async [Symbol.asyncDispose]() {
      await model.destroy();
      await rm(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
