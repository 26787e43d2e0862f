/**
 * What a hook costs in which nothing changes, beside a bare start of the runtime: `node bench/hook.ts`.
 *
 * The charm is deployed into a local model. Every hook is a process of its own with the environment that Juju gives, and
 * so is the bare start, on the same machine and interleaved with them; what is shown is the median of the wall times.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { makeDirectory, readCharm } from '../src/build/make.ts';
import { PROJECT } from '../src/build/package.ts';
import { ownArchitecture } from '../src/build/runtime.ts';
import { LocalModel } from '../src/local/local-model.ts';
import type { LocalMachine } from '../src/local/machine.ts';
import { openMachineOf } from '../src/local/machines.ts';
import type { OpenMachine } from '../src/local/uniter/session.ts';

/** Milliseconds: medians over the runs. */
export interface HookTime {
  readonly bare: number;
  readonly updateStatus: number;
}

/** Measures a hook of the charm as it is built, on a unit that serves. */
export async function measureHook(runs = 15): Promise<HookTime> {
  const scratch = mkdtempSync(join(tmpdir(), 'bench-hook-'));
  const charm = join(scratch, 'charm');
  const empty = join(scratch, 'empty.cjs');
  writeFileSync(empty, '');
  await makeDirectory(await readCharm(PROJECT), charm, { architecture: ownArchitecture(), runtime: 'bundled' });

  const hooks: number[] = [];
  const openMachine: OpenMachine = async (place) => timed(await openMachineOf(place), hooks);
  const model = await LocalModel.create({ dir: join(scratch, 'model'), machine: openMachine });
  try {
    await model.deploy(charm, { application: 'wsgi', config: { port: '8080' } });
    const machine = await model.machine('0');
    const bare: number[] = [];
    hooks.length = 0;
    for (let run = 0; run < runs; run++) {
      await model.advance('5m');
      bare.push(
        await elapsed(() => machine.exec([join(charm, 'runtime/bin/node'), empty], { env: { PATH: '/usr/bin' } })),
      );
    }
    return { bare: median(bare), updateStatus: median(hooks) };
  } finally {
    await model.destroy();
    rmSync(scratch, { recursive: true });
  }
}

/** A machine that notes how long each hook on it takes. */
function timed(machine: LocalMachine, hooks: number[]): LocalMachine {
  return new Proxy(machine, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (key !== 'exec') return value.bind(target);
      return async (...args: Parameters<LocalMachine['exec']>) => {
        const begun = performance.now();
        const result = await target.exec(...args);
        if (args[0][0]?.includes('/hooks/')) hooks.push(performance.now() - begun);
        return result;
      };
    },
  });
}

async function elapsed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (import.meta.main) {
  const { bare, updateStatus } = await measureHook();
  const table = new Table({ head: ['', 'ms', 'of a bare start'], style: { head: [], border: [] } });
  table.push(
    ['bare start of the runtime', bare.toFixed(1), '1.0'],
    ['update-status, nothing changed', updateStatus.toFixed(1), (updateStatus / bare).toFixed(1)],
  );
  console.log(table.toString());
}
