/**
 * One hook of a charm whose handlers are charms.reactive's: Python runs the hook and keeps the flags, this process runs the
 * bodies of the layer's handlers, when it is told to.
 */
import { join } from 'node:path';
import { type HookIo, openHook } from '../hook.ts';
import { runTool } from '../juju/run.ts';
import { createMachine } from '../system/real-machine.ts';
import { Channel, HookEnded } from './channel.ts';
import { beginHook } from './hook-mark.ts';
import { PythonData, PythonFlags } from './python-state.ts';
import { Service } from './service.ts';

/** What lib/entry.cjs of the layer calls: `entry.cjs hooks/install 5 6`, the last two being its file descriptors. */
export async function main(): Promise<void> {
  const { env, argv } = process;
  const [, , script = '', input, output] = argv;
  const charmDir = env.JUJU_CHARM_DIR || env.CHARM_DIR || join(import.meta.dirname, '..');
  const channel = new Channel(Number(input), Number(output));
  try {
    await serve({ run: runTool, machine: createMachine(), env, charmDir, script }, channel);
  } catch (error) {
    if (!(error instanceof HookEnded)) throw error;
    // Neither timers nor connections that are still open concern anybody.
    process.exit();
  }
}

/** Does as Python says, and throws HookEnded when that ends. */
async function serve(io: HookIo, channel: Channel): Promise<never> {
  let service: Service | undefined;
  const call = (name: string, ...args: Parameters<Channel['call']>[1]) =>
    channel.call(name, args, (order) => service?.atOnce(order) ?? { failed: 'the layer has not begun this hook' });
  const state = { flags: new PythonFlags(call), data: new PythonData(call) };
  const mark = beginHook(io.charmDir, state.data);
  service = new Service(openHook(io, state, mark.interrupted), mark);
  channel.send({ done: null });
  for (;;) {
    const message = channel.receive();
    if ('answer' in message) throw new Error('Python answered what it was not asked');
    channel.send(await service.carryOut(message));
  }
}
