/** Commands of a Procfile as /bin/sh runs them. */
import { parse } from 'unbash';

/** What the shell does itself, so that it cannot become it. Source: dash(1), "Builtins"; `source` is Bash's. */
const BUILTINS = new Set(
  (
    '. : [ alias bg break cd chdir command continue echo eval exec exit export false fg getopts hash jobs kill local printf ' +
    'pwd read readonly return set shift source test times trap true type ulimit umask unalias unset wait'
  ).split(' '),
);

/**
 * A command that the shell becomes, where it is one program with its words and redirections: with `exec`. Debian 12's shell
 * would wait for it instead, die of the signal that is meant for the program, and leave the program to be ended together with
 * all that it started. Any other command is as it was: its parts are the shell's to run.
 */
export function withExec(command: string): string {
  const { commands, errors } = parse(command);
  const [statement] = commands;
  if (errors !== undefined || commands.length !== 1 || statement === undefined || statement.background) return command;
  if (statement.command.type !== 'Command' || statement.command.name === undefined) return command;
  const { name, prefix } = statement.command;
  const isProgram = /^[\w./-]+$/.test(name.text) && !BUILTINS.has(name.text);
  // Behind a redirection the place of the name may be anywhere.
  const isPlain = prefix.every(({ type }) => type === 'Assignment');
  if (!isProgram || !isPlain || !command.startsWith(name.text, name.pos)) return command;
  return `${command.slice(0, name.pos)}exec ${command.slice(name.pos)}`;
}
