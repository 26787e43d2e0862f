/** A unit in the sandbox whose hooks are started by hand, in the environment that Juju gives them, with stub hook tools. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory, readCharm } from '../../packages/charm-build/make.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';
import { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { Command } from './measure.ts';

/** The ports that a hook can be told of. */
const PORTS = [8080, 8081] as const;
type Port = (typeof PORTS)[number];

export interface BenchUnit {
  readonly model: LocalModel;
  /** For the files of the benchmark. */
  readonly scratch: string;
  /** The unit's charm folder, where hooks run. */
  readonly folder: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  hook(name: string, port?: Port): Command;
  /** The hook tools that were called since this was asked last. */
  calls(): string[];
}

const SILENT = ['status-set', 'juju-log', 'open-port', 'close-port', 'relation-set', 'application-version-set'];

/** Deploys the charm and hands its unit to `use`; ends all of it afterwards. */
export async function withUnit<T>(use: (unit: BenchUnit) => Promise<T>, workers = '1'): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), 'b-'));
  const charm = join(scratch, 'charm');
  await makeDirectory(await readCharm(PROJECT), charm, { architecture: ownArchitecture(), runtime: 'bundled' });
  const model = await LocalModel.create({ dir: join(scratch, 'model') });
  try {
    await model.deploy(charm, { application: 'wsgi', config: { port: '8080', settle_time: '0', workers } });
    return await use(await unitOf(model, scratch));
  } finally {
    await model.destroy();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function unitOf(model: LocalModel, scratch: string): Promise<BenchUnit> {
  const machine = await model.machine('0');
  const folder = machine.seenPath('/var/lib/juju/agents/unit-wsgi-0/charm');
  const tools = join(scratch, 'tools');
  stubTools(tools, model.getConfig('wsgi'));
  const env = {
    PATH: `${tools}:${machine.hookPath}`,
    LANG: 'C.UTF-8',
    TERM: 'tmux-256color',
    DEBIAN_FRONTEND: 'noninteractive',
    APT_LISTCHANGES_FRONTEND: 'none',
    CHARM_DIR: folder,
    JUJU_CHARM_DIR: folder,
    JUJU_CONTEXT_ID: 'wsgi/0-update-status-1',
    JUJU_DISPATCH_PATH: 'hooks/update-status',
    JUJU_HOOK_NAME: 'update-status',
    JUJU_MODEL_NAME: 'bench',
    JUJU_MODEL_UUID: model.state().uuid,
    JUJU_UNIT_NAME: 'wsgi/0',
    JUJU_VERSION: '4.0.14',
    BENCH_PORT: '8080',
    ...machine.hookEnv,
  };
  return {
    model,
    scratch,
    folder,
    root: machine.seenPath('/'),
    env,
    hook: (name, port = 8080) => ({
      argv: [join(folder, 'hooks', name)],
      env: { ...env, JUJU_HOOK_NAME: name, JUJU_DISPATCH_PATH: `hooks/${name}`, BENCH_PORT: String(port) },
      cwd: folder,
    }),
    calls: () => {
      const lines = readFileSync(join(tools, 'calls'), 'utf8').trim().split('\n').filter(Boolean);
      writeFileSync(join(tools, 'calls'), '');
      return lines;
    },
  };
}

function stubTools(folder: string, config: Readonly<Record<string, unknown>>): void {
  mkdirSync(folder, { recursive: true });
  for (const port of PORTS) writeFileSync(join(folder, `config-${port}.json`), JSON.stringify({ ...config, port }));
  const answers: Readonly<Record<string, string>> = {
    'config-get': `cat ${folder}/config-$BENCH_PORT.json`,
    'is-leader': 'echo true',
    'opened-ports': `echo "[\\"$BENCH_PORT/tcp\\"]"`,
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
