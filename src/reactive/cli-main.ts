/** The program `charms.reactive` that external handlers call. */
import { runAsProgram } from './cli.ts';

runAsProgram(process.argv.slice(2));
