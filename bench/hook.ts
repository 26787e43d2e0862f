/**
 * What a hook costs: wall, CPU, peak memory and hook tools, beside a bare start of the same runtime, a control that
 * starts the same tools and does nothing else, charms.reactive and the ops framework. All run in the environment that
 * Juju gives a hook, call the same stub hook tools (sh scripts of two lines), and take turns.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { makeDirectory, readCharm } from '../src/build/make.ts';
import { PROJECT } from '../src/build/package.ts';
import { ownArchitecture } from '../src/build/runtime.ts';
import { LocalModel } from '../src/local/local-model.ts';
import { pythonWithCharmsReactive } from '../test/reactive-parity/charms-reactive.ts';
import { pythonWith } from '../test/servers/python.ts';

interface Command {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface Cost {
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds, of the process and all that it started. */
  readonly cpu: number;
  /** MiB at the most. */
  readonly memory: number;
}

export interface HookCosts {
  readonly costs: Readonly<Record<string, Cost>>;
  /** Hook tools that the charm's update-status called. */
  readonly tools: readonly string[];
}

const SILENT = ['status-set', 'juju-log', 'open-port', 'close-port', 'relation-set', 'application-version-set'];

/** @param runs of each command; the medians count */
export async function measureHooks(runs = 30): Promise<HookCosts> {
  const scratch = mkdtempSync(join(tmpdir(), 'bench-hook-'));
  const charm = join(scratch, 'charm');
  await makeDirectory(await readCharm(PROJECT), charm, { architecture: ownArchitecture(), runtime: 'bundled' });
  const model = await LocalModel.create({ dir: join(scratch, 'model') });
  try {
    await model.deploy(charm, { application: 'wsgi', config: { port: '8080', settle_time: '0', workers: '1' } });
    const machine = await model.machine('0');
    const unit = machine.seenPath('/var/lib/juju/agents/unit-wsgi-0/charm');
    const tools = join(scratch, 'tools');
    stubTools(tools, JSON.stringify(model.getConfig('wsgi')));
    const env = {
      PATH: `${tools}:${machine.hookPath}`,
      LANG: 'C.UTF-8',
      TERM: 'tmux-256color',
      DEBIAN_FRONTEND: 'noninteractive',
      APT_LISTCHANGES_FRONTEND: 'none',
      CHARM_DIR: unit,
      JUJU_CHARM_DIR: unit,
      JUJU_CONTEXT_ID: 'wsgi/0-update-status-1',
      JUJU_DISPATCH_PATH: 'hooks/update-status',
      JUJU_HOOK_NAME: 'update-status',
      JUJU_MODEL_NAME: 'bench',
      JUJU_MODEL_UUID: model.state().uuid,
      JUJU_UNIT_NAME: 'wsgi/0',
      JUJU_VERSION: '4.0.14',
      ...machine.hookEnv,
    };
    const node = join(unit, 'runtime/bin/node');
    const hook = (name: string): Command => ({
      argv: [join(unit, 'hooks', name)],
      env: { ...env, JUJU_HOOK_NAME: name, JUJU_DISPATCH_PATH: `hooks/${name}` },
      cwd: unit,
    });
    // The first ones read everything anew, after a deploy whose hook tools were others.
    for (const name of ['config-changed', 'update-status', 'update-status']) measure({ hook: hook(name) }, 1);
    writeFileSync(join(tools, 'calls'), '');
    measure({ hook: hook('update-status') }, 1);
    const called = readFileSync(join(tools, 'calls'), 'utf8').trim().split('\n').filter(Boolean);
    const control = called.map((line) => {
      const [tool, ...args] = line.split(' ');
      return `c.spawnSync(${JSON.stringify(tool)}, ${JSON.stringify(args)});`;
    });
    const peer = (name: string) => {
      const folder = join(scratch, name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'metadata.yaml'), 'name: peer\nsummary: s\ndescription: d\n');
      return { folder, env: { ...env, CHARM_DIR: folder, JUJU_CHARM_DIR: folder, HOME: folder } };
    };
    const [reactive, ops] = [peer('reactive'), peer('ops')];
    const peers = join(PROJECT, 'bench/peers');
    const costs = measure(
      {
        'update-status, nothing changed': hook('update-status'),
        'config-changed, nothing changed': hook('config-changed'),
        'control: the same tools and nothing else': {
          argv: [node, '-e', `const c = require('child_process');${control.join('')}`],
          env,
          cwd: unit,
        },
        'bare start of the runtime': { argv: [node, '-e', '0'], env, cwd: unit },
        'charms.reactive, one trivial handler': {
          argv: [await pythonWithCharmsReactive(), join(peers, 'reactive_charm.py')],
          env: reactive.env,
          cwd: reactive.folder,
        },
        'ops, one trivial observer': {
          argv: [await pythonWith(['ops==2.23.1']), join(peers, 'ops_charm.py')],
          env: ops.env,
          cwd: ops.folder,
        },
      },
      runs,
    );
    return { costs, tools: called };
  } finally {
    await model.destroy();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function stubTools(folder: string, config: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), config);
  const answers: Readonly<Record<string, string>> = {
    'config-get': `cat ${folder}/config.json`,
    'is-leader': 'echo true',
    'opened-ports': `echo '["8080/tcp"]'`,
    'status-get': `echo '{"status":"active","message":"serving r1 on port 8080"}'`,
    'resource-get': 'exit 1',
    'network-get': `echo '{"bind-addresses":[],"ingress-addresses":["127.0.0.1"],"egress-subnets":[]}'`,
    ...Object.fromEntries(['relation-ids', 'relation-list', 'goal-state'].map((tool) => [tool, 'echo []'])),
    ...Object.fromEntries(SILENT.map((tool) => [tool, ':'])),
  };
  for (const [tool, body] of Object.entries(answers)) {
    writeFileSync(join(folder, tool), `#!/bin/sh\necho "${tool} $*" >> ${folder}/calls; ${body}\n`);
    chmodSync(join(folder, tool), 0o755);
  }
}

function measure(commands: Readonly<Record<string, Command>>, runs: number): Record<string, Cost> {
  const input = JSON.stringify({ runs, commands });
  return JSON.parse(execFileSync('python3', [join(PROJECT, 'bench/measure.py')], { input, encoding: 'utf8' }));
}

/** The costs for people, as ratios to the control. */
export function hookTable({ costs, tools }: HookCosts): string {
  const control = costs['control: the same tools and nothing else'];
  const table = new Table({
    head: ['', 'wall ms', 'CPU ms', 'of the control', 'memory MiB'],
    style: { head: [], border: [] },
  });
  for (const [name, { wall, cpu, memory }] of Object.entries(costs)) {
    const ratio = control === undefined ? '-' : (cpu / control.cpu).toFixed(2);
    table.push([name, wall.toFixed(0), cpu.toFixed(0), ratio, memory.toFixed(0)]);
  }
  return `${table.toString()}\nhook tools of update-status: ${tools.join(', ')}`;
}

if (import.meta.main) console.log(hookTable(await measureHooks()));
