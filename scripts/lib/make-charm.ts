import { Command } from 'commander';
import { buildCommands } from '../../src/build/commands.ts';
import { CharmError } from '../../src/build/errors.ts';
import { PROJECT } from '../../src/build/package.ts';

/** Runs one of the build commands on the repository itself, with the arguments of this process. */
export async function makeCharm(verb: 'build' | 'pack'): Promise<void> {
  process.chdir(PROJECT);
  const program = new Command();
  for (const command of buildCommands()) program.addCommand(command);
  try {
    await program.parseAsync([verb, ...process.argv.slice(2)], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CharmError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
