import { lastLine } from '../../system/last-line.ts';
import type { WsgiApi } from '../api.ts';
import { readAsks } from '../author-requests.ts';
import { wsgiYamlOf } from '../config/wsgi-yaml.ts';
import { typedOptions } from '../memory/last-served.ts';
import { readServed } from '../service/state.ts';
import { Problem } from '../status.ts';
import { addressToCheck } from './monitoring.ts';
import { type Checks, ownChecks, verifyChecks, withAuthors } from './nagios-checks.ts';
import { PLUGINS, shellCommand } from './nagios-files.ts';

/** What a plugin's exit code says. Source: Monitoring Plugins Development Guidelines, "Plugin Return Codes". */
const STATES = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
/** A shell's exit code for a program that is not there. */
const NOT_FOUND = 127;
/** Seconds, as NRPE's own command_timeout. */
const TIMEOUT = 60;

/** Runs the checks as NRPE would, related or not; the action fails when one of them is not OK. */
export async function runChecks(api: WsgiApi): Promise<boolean> {
  const { machine, juju } = api;
  try {
    const checks = await allChecks(api);
    const results: Record<string, string> = {};
    const bad: string[] = [];
    for (const [name, check] of Object.entries(checks)) {
      const { code, stdout, stderr } = await machine.run('sh', ['-c', shellCommand(check, machine.path(PLUGINS))], {
        timeout: TIMEOUT,
      });
      const state = STATES[code] ?? 'UNKNOWN';
      const [program] = check.command;
      const isMissing = code === NOT_FOUND && !program.includes('/');
      const said = stdout.trim() === '' ? lastLine(stderr) : stdout.trim().split('\n')[0];
      results[keyOf(name)] = `${state}: ${isMissing ? howToInstall(program) : said}`;
      if (state !== 'OK') bad.push(`${name} is ${state}`);
    }
    juju.actionResult(results);
    if (bad.length > 0) juju.actionFail(bad.join(', '));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    juju.actionFail(error.message);
  }
  return false;
}

async function allChecks(api: WsgiApi): Promise<Checks> {
  const options = typedOptions(api.juju.config(), wsgiYamlOf(api).application_root);
  const address = addressToCheck(await readServed(api.machine), options);
  const verified = api.juju.relationIds('verify').length === 0 ? {} : verifyChecks(options, address);
  return { ...withAuthors(ownChecks(options, address), readAsks(api.keep).checks), ...verified };
}

/** The related NRPE installs the plugins; without it only this action needs them. */
function howToInstall(program: string): string {
  return `${program} is not on this machine: add monitoring-plugins-basic to apt_dependencies, or relate nrpe-external-master`;
}

/** Juju takes lower-case letters, digits and hyphens as keys of results. */
function keyOf(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
