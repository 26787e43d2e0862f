/** Puts what was prepared into the texts of units and environment. */
import { existsSync, readdirSync } from 'node:fs';
import { isIP } from 'node:net';
import { digestOf } from '../../system/digest.ts';
import { environmentFile } from '../../system/environment-file.ts';
import type { WsgiApi } from '../api.ts';
import type { Variables } from '../config/environment-variables.ts';
import { moduleText } from '../config/names.ts';
import type { Options } from '../config/options.ts';
import type { WsgiYaml } from '../config/wsgi-yaml.ts';
import { changedOptions, readLastServed } from '../memory/last-served.ts';
import {
  environmentPath,
  GENERATION,
  gunicornConfigPath,
  LAUNCHER,
  SERVICE,
  STATE_DIRECTORY,
  socketUnit,
  TRIAL,
  TRIAL_ENVIRONMENT,
  UNITS,
} from '../paths.ts';
import type { Relations } from '../relations/databags.ts';
import type { Account } from '../source/data-paths.ts';
import { dependencyFileIn, missingRequirements } from '../source/dependency-files.ts';
import { entryPoints, hasModule, saysNotThere, saysOtherInterface } from '../source/entry-points.ts';
import type { Source } from '../source/in-place.ts';
import { pythonFiles } from '../source/python-files.ts';
import type { Confinement } from './confinement.ts';
import { gunicornArguments, gunicornConfig, launcherProgram } from './gunicorn.ts';
import { type StaticFiles, staticFilesFor } from './static-files.ts';
import type { DesiredService } from './unit-file.ts';
import { closingUnits, type ServiceSpec, serviceUnit, socketUnitText } from './unit-file.ts';

/** Set on a machine that refuses the directives of a sandbox, as some containers do. */
export const UNSANDBOXED = 'wsgi.unsandboxed';

export interface DesiredServiceInput {
  readonly api: WsgiApi;
  readonly yaml: WsgiYaml;
  readonly options: Options;
  readonly relations: Relations;
  readonly source: Source;
  readonly account: Account;
  /** Machine path of the virtual environment. */
  readonly venv: string;
  readonly environment: Variables;
  readonly mask: (text: string) => string;
  /** What the relations give that is secret. */
  readonly secrets: readonly string[];
  /** Version of systemd. */
  readonly systemd: number;
  /** How often a restart was asked for. */
  readonly restarts: number;
  /** A digest of what relations give to trust: libraries read it when they start. */
  readonly certificates: string;
  /** Where gunicorn counts requests, as `HOST:PORT`; undefined for nowhere. */
  readonly statsd: string | undefined;
}

export function desiredService(input: DesiredServiceInput): DesiredService {
  const { api, options, source, restarts, certificates } = input;
  const staticFiles = staticFilesOf(input);
  const owner = api.juju.unit.unit;
  const environment = environmentFile(input.environment);
  const seen = [serviceUnit(serviceSpec(input, '')), environment, source.digest, restarts, certificates];
  const generation = digestOf(seen).slice(0, 16);
  const ipv6 = existsSync('/proc/net/if_inet6');
  const trialUnit = (port: number) => serviceUnit(trialSpec(input, generation, port));
  return {
    unit: serviceUnit(serviceSpec(input, generation)),
    trialUnit,
    socketUnit: (port, service = SERVICE) => socketUnitText({ owner, port, service, ipv6 }),
    checkUnits: (port) => ({
      socket: socketUnitText({ owner, port, service: `gunicorn3-check-${port}.service`, ipv6 }),
      service: '[Service]\nType=oneshot\nExecStart=/bin/true\n',
    }),
    files: new Map<string, string | Uint8Array>([
      [LAUNCHER, launcherProgram()],
      ...[...closingUnits(owner, SERVICE)].map(([name, text]): [string, string] => [`${UNITS}/${name}`, text]),
      ...(staticFiles?.files ?? []),
      [
        configPath(input),
        gunicornConfig({ logFormat: options.log_format, statsd: input.statsd !== undefined, staticFiles }),
      ],
    ]),
    staticFiles,
    environment,
    generation,
    process: {
      python: api.machine.path(`${input.venv}/bin/python`),
      environmentFile: api.machine.path(environmentPath(generation)),
      user: input.account.user,
      group: input.account.group,
      workingDirectory: api.machine.path(source.folder),
    },
    port: options.port,
    failure: failureOf(input),
    wrongModule: (reason) => otherInterface(input, reason) ?? notThere(input, reason),
    notInstalled: (reason) => {
      const names = readdirSync(api.machine.path(source.folder));
      const installed = dependencyFileIn(api.machine, source.folder, options.requirements_path);
      return missingRequirements(reason, installed, names);
    },
    isPredecessorLost: isNewInPlace(input) || hasNewSecrets(input),
    consequence: isNewInPlace(input) ? '; the running one will not survive a restart' : '',
    healthPath: options.health_path,
    startTimeout: options.start_timeout,
    settleTime: options.settle_time,
    mask: input.mask,
  };
}

/** All files that the service consists of, and their contents. */
export function wantedFiles(wanted: DesiredService): ReadonlyMap<string, string | Uint8Array> {
  return new Map<string, string | Uint8Array>([
    ...wanted.files,
    [environmentPath(wanted.generation), wanted.environment],
    [`${UNITS}/${socketUnit(wanted.port)}`, wanted.socketUnit(wanted.port)],
    [`${UNITS}/${SERVICE}`, wanted.unit],
  ]);
}

function staticFilesOf({ api, yaml, options, source }: DesiredServiceInput): StaticFiles | undefined {
  return staticFilesFor(api, yaml, options, source);
}

function configPath(input: DesiredServiceInput): string {
  return gunicornConfigPath({
    logFormat: input.options.log_format,
    statsd: input.statsd !== undefined,
    staticFiles: staticFilesOf(input)?.digest,
  });
}

/** Code that is served in place is there already: what runs is all that is left of the old. */
function isNewInPlace({ api, source }: DesiredServiceInput): boolean {
  const { source: served } = readLastServed(api);
  return source.label === undefined && served !== undefined && served !== source.digest;
}

/** A process that is started with a password that was replaced cannot connect; one that runs has its connections. */
function hasNewSecrets({ api, secrets }: DesiredServiceInput): boolean {
  const before = [...readLastServed(api).answers.values()].flatMap((answer) => answer.secrets);
  return before.some((secret) => !secrets.includes(secret));
}

/** Blames what changed: a build or source, else the options. */
function failureOf({ api, options, source }: DesiredServiceInput): string {
  const last = readLastServed(api);
  const changed = changedOptions(last, api.juju.config()) ?? [];
  const thing = source.label === undefined ? 'the application' : `build ${source.label}`;
  if (last.source !== undefined && last.source !== source.digest) {
    return source.label === undefined ? 'new source does not start' : `${thing} does not start`;
  }
  const [first] = changed;
  if (first === 'wsgi_module' || first === 'wsgi_application')
    return `${first}: ${moduleText(options.wsgi_module)} does not start`;
  return first === undefined ? `${thing} does not start` : `${changed.join(', ')}: ${thing} does not start with it`;
}

/** `wsgi_module: shop.asgi:app is an ASGI application: set worker_class=asgi`, and the reverse. */
function otherInterface({ options }: DesiredServiceInput, reason: string): string | undefined {
  const found = saysOtherInterface(reason);
  if (found === undefined) return undefined;
  const mend =
    found === 'ASGI' ? 'an ASGI application: set worker_class=asgi' : 'a WSGI application: set worker_class=sync';
  return `wsgi_module: ${moduleText(options.wsgi_module)} is ${mend}`;
}

/** `wsgi_module: wsgi:application is not in this build; found: app.py (app)`, from a look at the files. */
function notThere({ api, options, source }: DesiredServiceInput, reason: string): string | undefined {
  if (options.wsgi_module === undefined) return undefined;
  const { module, callable } = options.wsgi_module;
  const missing = saysNotThere(reason, module, callable);
  if (missing === undefined) return undefined;
  const files = pythonFiles(api.machine, source.folder);
  if (missing === 'module' && hasModule(files, module)) return undefined;
  const place = source.label === undefined ? source.folder : 'this build';
  const found = entryPoints(files) || 'nothing that looks like an application';
  return `wsgi_module: ${moduleText(options.wsgi_module)} is not in ${place}; found: ${found}`;
}

/** What all processes of the application share, in one generation. @param environment machine path of the environment file */
export function confinementOf(
  { api, yaml, source, account }: DesiredServiceInput,
  generation: string,
  environment: string,
): Confinement {
  const seen = (path: string) => api.machine.path(path);
  const writable = source.label === undefined ? yaml.data_paths.map((path) => seen(`${source.folder}/${path}`)) : [];
  return {
    user: account.user,
    group: account.group,
    workingDirectory: seen(source.folder),
    generation: `${GENERATION}=${generation}`,
    environmentFile: seen(environment),
    readWritePaths: [seen(STATE_DIRECTORY), ...writable],
    readOnlyPaths: [seen(source.folder)],
    sandboxing: api.data.get(UNSANDBOXED) !== true,
  };
}

function serviceSpec(input: DesiredServiceInput, generation: string): ServiceSpec {
  const { api, options } = input;
  const seen = (path: string) => api.machine.path(path);
  return {
    ...confinementOf(input, generation, environmentPath(generation)),
    owner: api.juju.unit.unit,
    name: SERVICE,
    description: `gunicorn for ${api.juju.unit.unit}`,
    argv: gunicornArguments({
      python: seen(`${input.venv}/bin/python`),
      options,
      config: seen(configPath(input)),
      proxies: believedProxies(input.options, input.relations),
      bind: undefined,
      statsd: input.statsd,
    }),
    launcher: seen(LAUNCHER),
    systemd: input.systemd,
    logFile: options.wsgi_logfile_path === undefined ? undefined : seen(options.wsgi_logfile_path),
    startTimeout: options.start_timeout,
    gracefulTimeout: options.graceful_timeout,
    trial: false,
  };
}

function trialSpec(input: DesiredServiceInput, generation: string, port: number): ServiceSpec {
  const { api, options } = input;
  const seen = (path: string) => api.machine.path(path);
  return {
    ...serviceSpec(input, generation),
    name: TRIAL,
    description: `trial of gunicorn for ${api.juju.unit.unit}`,
    argv: gunicornArguments({
      python: seen(`${input.venv}/bin/python`),
      options,
      config: seen(configPath(input)),
      proxies: believedProxies(input.options, input.relations),
      bind: `127.0.0.1:${port}`,
      // Its requests are no requests of clients.
      statsd: undefined,
    }),
    // What a trial prints is its own: the journal has it, as gunicorn3-trial.service.
    logFile: undefined,
    environmentFile: seen(TRIAL_ENVIRONMENT),
    trial: true,
  };
}

/** Whose X-Forwarded headers are believed: the addresses that are set, else those of the related proxies. */
export function believedProxies(options: Options, relations: Relations): string[] {
  if (options.forwarded_allow_ips.length > 0) return [...options.forwarded_allow_ips];
  const proxies = [...relations.website, ...relations['haproxy-route'], ...relations.ingress];
  const bags = proxies.flatMap(({ units }) => Object.values(units));
  const addresses = bags.flatMap((bag) => [bag['ingress-address'], bag['private-address']]);
  return [...new Set(addresses.filter((address) => address !== undefined && isIP(address) !== 0))].map(String).sort();
}
