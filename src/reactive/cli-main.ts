/** The program `charms.reactive` that external handlers call. */
import { runCommand } from './cli.ts';

const { code, stdout, stderr } = runCommand(process.argv.slice(2), process.env);
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
