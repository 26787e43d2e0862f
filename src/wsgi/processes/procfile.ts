/** A Procfile: the processes that an application has besides its web server, by name. */
import { readBytes } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { unitNamePart } from '../../system/unit-words.ts';
import { BadValue, shown } from '../config/values.ts';
import { PROCESS_NAME } from '../process-names.ts';
import { blocked } from '../status.ts';

/** Commands for /bin/sh by the name of their process, in the order of the file. */
export type Procfile = ReadonlyMap<string, string>;

/** Bytes. */
const LARGEST = 256 * 1024;
/** Bytes of the part of a unit's name that a process has; systemd takes 255 for the whole. */
const LONGEST_NAME = 200;

/**
 * Reads the Procfile at the top of a folder. An absent one has no processes.
 *
 * @param place what the folder is to the operator: `build r2`, or its path
 * @throws Problem that names the line
 */
export async function readProcfile(machine: Machine, folder: string, place: string): Promise<Procfile> {
  const bytes = await readBytes(machine, `${folder}/Procfile`);
  if (bytes === undefined) return new Map();
  try {
    if (bytes.length > LARGEST) throw new BadValue(`is larger than ${LARGEST / 1024} KiB`);
    return parseProcfile(decoded(bytes));
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    return blocked(`Procfile of ${place}: ${error.message}`);
  }
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new BadValue('is not text in UTF-8');
  }
}

/**
 * The lines `NAME: COMMAND`; empty ones and comments are left out.
 *
 * @see https://devcenter.heroku.com/articles/procfile
 * @throws BadValue that names the first line which is none of these. It shows no command, because a command may hold a secret
 */
export function parseProcfile(text: string): Procfile {
  const found = new Map<string, string>();
  const lines = new Map<string, number>();
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const at = `line ${index + 1}`;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const colon = line.indexOf(':');
    if (colon < 0) throw new BadValue(`${at} has no colon; NAME: COMMAND is right, such as worker: python worker.py`);
    const name = line.slice(0, colon);
    const command = line.slice(colon + 1).trim();
    if (!PROCESS_NAME.test(name)) throw new BadValue(`${at}: ${shown(name)} is not the name of a process`);
    if (unitNamePart(name).length > LONGEST_NAME) throw new BadValue(`${at}: ${shown(name)} is too long a name`);
    if (command === '') throw new BadValue(`${at}: ${name} has no command; ${name}: COMMAND is right`);
    if (command.includes('\0')) throw new BadValue(`${at}: the command of ${name} has a NUL character in it`);
    const before = lines.get(name);
    if (before !== undefined) throw new BadValue(`${at}: ${name} is in line ${before} already; one of them is right`);
    lines.set(name, index + 1);
    found.set(name, command);
  }
  return found;
}
