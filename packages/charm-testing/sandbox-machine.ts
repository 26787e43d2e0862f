/** The sandbox in place of the table of programs: the same test with real processes, units and sockets. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Machine } from '../../src/system/index.ts';
import { createMachine, show, start } from '../../src/system/index.ts';
import { Sandbox } from '../local-juju/sandbox/index.ts';
import { readFiles, writeFiles } from './files.ts';
import { answerOf, bare, heldPath, type Ran } from './program.ts';
import { readUnit, serviceEnvironment } from './programs/unit-file.ts';
import type { Service, State } from './state.ts';
import type { TestMachine } from './test-machine.ts';

const UNITS = '/etc/systemd/system';
const PACKAGES = '/var/lib/dpkg/sandbox.json';
/** What lives and dies with the machine's processes. */
const PASSING = /^\/(run|tmp|var\/tmp|var\/log\/journal)\//;

/**
 * Boots a sandbox in a folder, in the state given: its services run when the hook begins.
 * @param folder a folder of the test, whose `root` will be the machine's
 */
export async function createSandboxMachine(
  state: State,
  folder: string,
  beforeRun: () => Promise<void>,
): Promise<TestMachine> {
  const sandbox = await Sandbox.open(folder);
  const root = sandbox.rootOnHost;
  const empty = readFiles(root);
  writeFiles(root, state);
  writeFiles(root, { files: { [PACKAGES]: JSON.stringify(state.packages) }, modes: {}, links: {} });
  const bareMachine = machineOf(sandbox);
  try {
    await sandbox.start();
    await bringUp(bareMachine, state);
  } catch (error) {
    await sandbox.destroy();
    throw error;
  }
  const ran: Ran[] = [];
  return {
    ...bareMachine,
    ran,
    run: async (program, args, options = {}) => {
      await beforeRun();
      const shown = args.map((arg) => bare(heldPath(arg), root));
      const own = await answerOf(state.programs, { program, args, options, root });
      const result = own ?? (await bareMachine.run(program, args, options));
      ran.push({ program: bare(program, root), args: shown, code: result.code });
      return result;
    },
    read: async () => ({
      packages: installed(root),
      users: users(root),
      services: await services(bareMachine, state),
    }),
    isOwnFile: (path, content) => PASSING.test(path) || path === PACKAGES || empty.files[path] === content,
    end: () => sandbox.destroy(),
  };
}

function machineOf(sandbox: Sandbox): Machine {
  const real = createMachine(sandbox.rootOnHost);
  return {
    root: real.root,
    clock: real.clock,
    path: (path) => real.path(path),
    run: (program, args, options = {}) =>
      real.run(program, args, { ...options, env: { PATH: sandbox.hookPath, ...sandbox.hookEnv, ...options.env } }),
  };
}

async function bringUp(machine: Machine, state: State): Promise<void> {
  const known = new Set(users(machine.root));
  for (const user of state.users) if (!known.has(user)) await machine.run('useradd', ['--system', user]);
  const active = Object.entries(state.services).flatMap(([unit, { active }]) => (active ? [unit] : []));
  // A socket does not start once its service runs.
  const sockets = active.filter((unit) => unit.endsWith('.socket'));
  const others = active.filter((unit) => !unit.endsWith('.socket'));
  for (const unit of [...sockets, ...others]) {
    const started = await start(machine, unit);
    if (!started.ok) throw new Error(`services: ${unit} should be active, and does not start: ${started.reason}`);
  }
}

function installed(root: string): Record<string, string> {
  const recorded = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(join(root, PACKAGES), 'utf8')));
  return Object.fromEntries(Object.entries(recorded).filter(([, version]) => version !== ''));
}

/** System users that were added: those of every Debian have lower numbers, or other shells. */
function users(root: string): string[] {
  const entries = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  return entries.flatMap(([name = '', , uid]) => (Number(uid) >= 150 && Number(uid) < 65534 ? [name] : []));
}

async function services(machine: Machine, state: State): Promise<Record<string, Service>> {
  const files = readdirSync(machine.path(UNITS)).filter((name) => /\.(service|socket|timer)$/.test(name));
  const shown = await show(machine, files, ['ActiveState', 'UnitFileState']);
  const found = files.map((unit): [string, Service] => {
    const properties = shown.get(unit);
    const active = properties?.ActiveState === 'active';
    const environment = unit.endsWith('.service') ? serviceEnvironment(readUnit(machine.root, unit)) : undefined;
    return [
      unit,
      {
        ...state.services[unit],
        active,
        enabled: properties?.UnitFileState === 'enabled',
        failed: properties?.ActiveState === 'failed',
        ...(active && environment !== undefined ? { environment } : {}),
      },
    ];
  });
  return Object.fromEntries(found);
}
