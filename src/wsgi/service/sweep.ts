/** What a hook that was ended leaves behind: half of something, never to be finished, because the next hook begins anew. */
import { dirname } from 'node:path';
import { listDirectory, removeFile, removeTree } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, listUnits, stop } from '../../system/systemd.ts';
import { CERTIFICATES, COMMAND_ENVIRONMENT, ETC, INCOMING, LOG_ROTATION, UNITS, VENVS } from '../paths.ts';
import { endTrial } from './trial.ts';

/** Commands of the operator's that go on although nobody waits for them any more. */
const COMMANDS = /^(?:gunicorn3-(?:provision|make)|pip|gunicorn3-pip)-[0-9a-f]{8}\.service$/;

/** Ends and removes trials, port checks, commands and unpacked archives of hooks before this one. */
export async function sweep(machine: Machine, applicationRoot: string): Promise<void> {
  await endTrial(machine);
  const checks = (await listDirectory(machine, UNITS)).filter((name) => name.startsWith('gunicorn3-check-'));
  if (checks.length > 0) {
    await stop(machine, ...checks);
    for (const name of checks) await removeFile(machine, `${UNITS}/${name}`);
    await daemonReload(machine);
  }
  const commands = (await listUnits(machine, '*-????????.service')).filter((name) => COMMANDS.test(name));
  if (commands.length > 0) await stop(machine, ...commands);
  await removeFile(machine, COMMAND_ENVIRONMENT);
  for (const name of ['.incoming', '.incoming.old', '.incoming.unpacking']) {
    await removeTree(machine, `${applicationRoot}/${name}`);
  }
  await removeHalfWritten(machine, applicationRoot);
  for (const name of await listDirectory(machine, INCOMING)) await removeTree(machine, `${INCOMING}/${name}`);
}

/** Files and links of ours beside the place that they were to take; see writeFile. */
async function removeHalfWritten(machine: Machine, applicationRoot: string): Promise<void> {
  const places: readonly (readonly [string, RegExp])[] = [
    [UNITS, /^\.gunicorn3[^/]*\.new$/],
    [ETC, /^\..*\.new$/],
    [CERTIFICATES, /^\..*\.new$/],
    [dirname(LOG_ROTATION), /^\.gunicorn3\.new$/],
    [applicationRoot, /^\.(?:current|latest)\.new$/],
    [VENVS, /^\..*\.new$/],
    [`${VENVS}/wheels`, /^\..*\.new$/],
  ];
  for (const [folder, half] of places) {
    const names = (await listDirectory(machine, folder)).filter((name) => half.test(name));
    for (const name of names) await removeFile(machine, `${folder}/${name}`);
  }
}
