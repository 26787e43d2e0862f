/**
 * What a hook costs: wall, CPU, peak memory and hook tools, beside a bare start of the same runtime, a control that
 * starts the same tools and does nothing else, charms.reactive and the ops framework. All run in the environment that
 * Juju gives a hook, call the same stub hook tools (sh scripts of two lines), and take turns.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../packages/charm-build/package.ts';
import { pythonWithCharmsReactive } from '../test/reactive-parity/charms-reactive.ts';
import { pythonWith } from '../test/servers/python.ts';
import { type Cost, measure } from './support/measure.ts';
import { table, targets } from './support/report.ts';
import { type BenchUnit, withUnit } from './support/unit.ts';

export interface HookCosts {
  readonly quiet: Cost;
  readonly configChanged: Cost;
  readonly control: Cost;
  readonly bare: Cost;
  readonly reactive: Cost;
  readonly ops: Cost;
  /** Hook tools that the charm's update-status called. */
  readonly tools: readonly string[];
}

const NAMES: Readonly<Record<Exclude<keyof HookCosts, 'tools'>, string>> = {
  quiet: 'update-status, nothing changed',
  configChanged: 'config-changed, nothing changed',
  control: 'control: the same tools, nothing else',
  bare: 'bare start of the runtime',
  reactive: 'charms.reactive, one trivial handler',
  ops: 'ops, one trivial observer',
};

/** @param runs of each command; the medians count */
export async function measureHooks(runs = 40): Promise<HookCosts> {
  return withUnit(async (unit) => {
    const quiet = unit.hook('update-status');
    // The first ones read everything anew, after a deploy whose hook tools were others.
    for (const name of ['config-changed', 'update-status', 'update-status']) measure({ hook: unit.hook(name) }, 1);
    unit.calls();
    measure({ quiet }, 1);
    const tools = unit.calls();
    const { env, folder: cwd } = unit;
    const node = join(cwd, 'runtime/bin/node');
    const costs = measure(
      {
        quiet,
        configChanged: unit.hook('config-changed'),
        control: { argv: [node, '-e', controlScript(tools)], env, cwd },
        bare: { argv: [node, '-e', '0'], env, cwd },
        reactive: peer(unit, await pythonWithCharmsReactive(), 'reactive_charm.py'),
        ops: peer(unit, await pythonWith(['ops==2.23.1']), 'ops_charm.py'),
      },
      runs,
    );
    const cost = (name: keyof typeof NAMES) => costs[name] ?? { wall: Number.NaN, cpu: Number.NaN, memory: Number.NaN };
    return {
      quiet: cost('quiet'),
      configChanged: cost('configChanged'),
      control: cost('control'),
      bare: cost('bare'),
      reactive: cost('reactive'),
      ops: cost('ops'),
      tools,
    };
  });
}

function controlScript(tools: readonly string[]): string {
  const calls = tools.map((line) => {
    const [tool, ...args] = line.split(' ');
    return `c.spawnSync(${JSON.stringify(tool)}, ${JSON.stringify(args)});`;
  });
  return `const c = require('child_process');${calls.join('')}`;
}

function peer({ scratch, env }: BenchUnit, python: string, script: string) {
  const folder = join(scratch, script);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'metadata.yaml'), 'name: peer\nsummary: s\ndescription: d\n');
  return {
    argv: [python, join(PROJECT, 'bench/peers', script)],
    env: { ...env, CHARM_DIR: folder, JUJU_CHARM_DIR: folder, HOME: folder },
    cwd: folder,
  };
}

export async function report(): Promise<string> {
  const costs = await measureHooks();
  const { quiet, configChanged, control, bare, reactive, ops, tools } = costs;
  const rows = (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((key) => {
    const { wall, cpu, memory } = costs[key];
    return [NAMES[key], wall.toFixed(0), cpu.toFixed(1), (cpu / control.cpu).toFixed(2), memory.toFixed(0)];
  });
  return [
    '## A hook without news',
    table(['', 'wall ms', 'CPU ms', 'CPU of the control', 'peak MiB'], rows),
    targets([
      { what: 'update-status: CPU of the control', measured: quiet.cpu / control.cpu, most: 1.5 },
      { what: 'config-changed: CPU of the control', measured: configChanged.cpu / control.cpu, most: 1.5 },
      { what: 'update-status: hook tools', measured: tools.length, most: 2 },
      { what: 'wall time of charms.reactive, times ours', measured: reactive.wall / quiet.wall, least: 5 },
      { what: 'CPU of charms.reactive, times ours', measured: reactive.cpu / quiet.cpu, least: 5 },
      { what: 'wall time of ops, times ours', measured: ops.wall / quiet.wall, least: 3 },
      { what: 'CPU of ops, times ours', measured: ops.cpu / quiet.cpu, least: 3 },
      { what: 'peak memory of a bare start', measured: quiet.memory / bare.memory, most: 1.4 },
    ]),
    `Processes of an update-status: 1 and its hook tools, ${tools.map((tool) => `\`${tool}\``).join(' and ')}.`,
  ].join('\n\n');
}

if (import.meta.main) console.log(await report());
