/** ssh (or shell): a command or a shell on the machine of a unit, with what this terminal has. */

import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { needUnit } from '../model/applications.ts';
import { LocalError } from '../model/local-error.ts';
import type { Terminal } from './terminal.ts';

export function shell(terminal: Terminal): Command {
  return (
    new Command('ssh')
      .alias('shell')
      .description('a shell, or one command, on the machine of a unit')
      .argument('<unit|machine>')
      .argument('[command...]')
      // What follows the unit is the command's own, options too.
      .passThroughOptions()
      .action(async (target: string, words: string[], _flags: object, command: Command) => {
        const model = terminal.open(command);
        const state = model.state();
        const id = target.includes('/') ? needUnit(state, target).machine : target;
        if (state.machines[id] === undefined) throw new LocalError(`machine ${JSON.stringify(id)} not found`);
        const machine = await model.machine(id);
        const env = {
          PATH: machine.hookPath,
          TERM: process.env.TERM ?? 'dumb',
          LANG: 'C.UTF-8',
          HOME: machine.seenPath('/root'),
          ...machine.hookEnv,
        };
        if (words.length > 0 || !terminal.isTerminal) {
          const result = await machine.exec(['/bin/bash', '-c', words.join(' ')], {
            env,
            cwd: machine.seenPath('/root'),
          });
          terminal.out(result.stdout);
          terminal.note(result.stderr);
          terminal.exitCode = result.code;
          return;
        }
        if (machine.kind === 'nspawn' && machine.shell === undefined) {
          throw new LocalError('no shell on this kind of machine; give a command');
        }
        const argv = machine.shell?.() ?? ['/bin/bash', '-i'];
        const [program = '/bin/bash', ...args] = argv;
        const ended = spawnSync(program, args, {
          env,
          cwd: machine.shell === undefined ? machine.seenPath('/root') : '/',
          stdio: 'inherit',
        });
        terminal.exitCode = ended.status ?? 1;
      })
  );
}
