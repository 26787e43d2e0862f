/** A machine whose files are in a folder of the test, and whose programs are a table of answers. */
import { existsSync } from 'node:fs';
import type { Clock, Machine, RunResult } from '../../src/system/index.ts';
import { createMachine } from '../../src/system/index.ts';
import { answerOf, bare, completed, heldPath, type ProgramCall, type Ran } from './program.ts';
import { createSystemd, type Systemd } from './programs/systemd.ts';
import { usualPrograms } from './programs/usual.ts';
import type { FileContent, State } from './state.ts';

export interface TestMachine extends Machine {
  readonly ran: readonly Ran[];
  /** The machine's part of the state, but for its files. */
  read(): Promise<Pick<State, 'packages' | 'users' | 'services'>>;
  /** Whether a file is one that this kind of machine has by itself. */
  isOwnFile(path: string, content: FileContent): boolean;
  /** Ends the processes that stand for services. */
  end(): Promise<void>;
}

/** Programs that only move files about: the real ones do it. */
const FILE_PROGRAMS = new Set([
  'cp',
  'mv',
  'mkdir',
  'rmdir',
  'ln',
  'chmod',
  'tar',
  'cat',
  'find',
  'ls',
  'touch',
  'install',
  'test',
  'stat',
  'readlink',
]);

/** @param beforeRun called before each program; what it returns is waited for */
export function createTestMachine(
  state: State,
  root: string,
  beforeRun: () => Promise<void> = async () => {},
): TestMachine {
  const real = createMachine(root);
  const ran: Ran[] = [];
  let passed = 0;
  const clock: Clock = {
    now: () => passed,
    pause: async (milliseconds) => {
      passed += milliseconds;
      await systemd.passTime();
    },
  };
  const systemd: Systemd = createSystemd(state.services, root, clock);
  const usual = usualPrograms({ packages: state.packages, archive: state.archive, users: state.users }, systemd);

  const answer = async (call: ProgramCall): Promise<RunResult> => {
    const own = await answerOf(state.programs, call);
    if (own !== undefined) return own;
    const inner = commandOfTransientUnit(call) ?? commandOfOtherUser(call);
    if (inner !== undefined) return answer(inner);
    const known = await answerOf(usual.programs, call);
    if (known !== undefined) return known;
    if (FILE_PROGRAMS.has(call.program)) return real.run(call.program, call.args, call.options);
    if (call.program.startsWith(`${root}/`) && existsSync(call.program)) return completed({});
    return completed({ code: 127, stderr: `${call.program}: command not found\n` });
  };

  return {
    root: real.root,
    path: (path) => real.path(path),
    clock,
    ran,
    run: async (program, args, options = {}) => {
      await beforeRun();
      const shown = args.map((arg) => bare(heldPath(arg), root));
      const result = await answer({ program, args, options, root });
      ran.push({ program: bare(program, root), args: shown, code: result.code });
      for (const line of `${result.stdout}${result.stderr}`.split('\n')) if (line !== '') options.onLine?.(line);
      return result;
    },
    read: async () => ({ ...usual.read(), services: systemd.read() }),
    isOwnFile: () => false,
    end: () => systemd.end(),
  };
}

/** `systemd-run ... -- make` does what `make` does; a timer does nothing yet. */
function commandOfTransientUnit(call: ProgramCall): ProgramCall | undefined {
  if (call.program !== 'systemd-run' || call.args.some((arg) => arg.startsWith('--on-'))) return undefined;
  const [program, ...args] = call.args.slice(call.args.indexOf('--') + 1).map((arg) => arg.replaceAll('$$', '$'));
  return program === undefined ? undefined : { ...call, program, args };
}

/** `setpriv --reuid=wsgi ... -- mkdir` does what `mkdir` does: files of a test belong to whoever runs it. */
function commandOfOtherUser(call: ProgramCall): ProgramCall | undefined {
  if (call.program !== 'setpriv') return undefined;
  const [program, ...args] = call.args.slice(call.args.indexOf('--') + 1);
  return program === undefined ? undefined : { ...call, program, args };
}
