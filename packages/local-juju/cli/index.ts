/** Juju's verbs on the command line, for a program that offers them. */
export { LocalError } from '../model/local-error.ts';
export { localCommand } from './local.ts';
export { processTerminal, type Terminal } from './terminal.ts';
