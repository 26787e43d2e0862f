/**
 * The action doctor: all that an on-call engineer looks at first, on one page. Each section stands alone, so that what is
 * broken, be it the store, the service or the build, spoils no more than its own lines.
 */
import { readFileSync } from 'node:fs';
import { probe } from '../../system/http-probe.ts';
import { createMask } from '../../system/mask.ts';
import { journal } from '../../system/systemd.ts';
import type { WsgiApi } from '../api.ts';
import { secretValues } from '../app/secret-values.ts';
import { readAsks } from '../author-requests.ts';
import { parseOptions } from '../config/options.ts';
import { wsgiYamlOf } from '../config/wsgi-yaml.ts';
import { readLastServed } from '../memory/last-served.ts';
import { recentProblems } from '../memory/problems.ts';
import { SERVICE, TRIAL } from '../paths.ts';
import { addressOf, openPort, readServed, type Served } from '../service/state.ts';
import { keptLedger, type Ledger, readLedger, rollbackOf } from '../source/ledger.ts';
import { pythonFiles } from '../source/python-files.ts';
import { lastVerdict } from '../status.ts';
import { changedByHand } from './changed-by-hand.ts';
import { diskLines, memoryLines } from './machine-facts.ts';
import { ago, readable } from './page.ts';
import { processLines, startedAt } from './processes.ts';
import { relationLines } from './relations.ts';

/** Lines of the journal. */
const JOURNAL = 20;
const TRIAL_JOURNAL = 8;

type Section = () => Promise<readonly string[]> | readonly string[];

/** Shows the page. Nothing is changed, and the unit does not look again. */
export async function doctor(api: WsgiApi): Promise<boolean> {
  const { machine, data, juju } = api;
  const served = await readServed(machine).catch(() => undefined);
  const known = readLedger(data);
  // A store that is lost does not know what the machine still does.
  const ledger = known.builds.length > 0 ? known : ((await keptLedger(api).catch(() => undefined)) ?? known);
  const sections: Readonly<Record<string, Section>> = {
    verdict: () => verdict(api, served),
    served: () => whatServes(api, served, ledger),
    problems: () =>
      recentProblems(data).flatMap(({ at, until, status, message }) => [
        `${at}${until === undefined ? ', still' : ` to ${until}`}`,
        `  ${status}: ${message}`,
      ]),
    journal: () => journalTail(api),
    processes: () => processLines(machine, served?.pid),
    relations: () => relationLines(api),
    disk: () => diskLines(machine),
    memory: () => memoryLines(served?.pid),
    'changed-by-hand': () => changedByHand(api),
  };
  const mask = createMask(secretsOf(api, served, ledger));
  const results: Record<string, string> = {};
  for (const [name, section] of Object.entries(sections)) {
    const lines = await attempted(section);
    results[name] = readable(mask((lines.length === 0 ? ['none'] : lines).join('\n')));
  }
  juju.actionResult(results);
  return false;
}

async function attempted(section: Section): Promise<readonly string[]> {
  try {
    return await section();
  } catch (error) {
    return [`cannot be told: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Whether it answers now, beside what the last hook ended with. */
async function verdict(api: WsgiApi, served: Served | undefined): Promise<string[]> {
  const last = lastVerdict(api.data);
  const status =
    last === undefined ? 'status: no hook of this unit has come to its end' : `status: ${last.status}: ${last.message}`;
  return [await answer(api, served), status];
}

async function answer(api: WsgiApi, served: Served | undefined): Promise<string> {
  if (served === undefined) return 'DOWN: systemd does not say what runs';
  const { options } = optionsOf(api);
  const port = openPort(served, options?.port ?? 0);
  const address = port === undefined ? undefined : addressOf(served, port);
  if (served.unit === undefined) return `DOWN: there is no ${SERVICE} on this machine`;
  if (served.pid === undefined) return `DOWN: ${SERVICE} is ${served.state} (${served.result})`;
  if (address === undefined) return `DOWN: ${SERVICE} runs, and no port is open: systemctl status 'gunicorn3-*.socket'`;
  const path = options?.health_path ?? '/';
  const result = await probe({ ...address, path, timeout: 5 });
  const what = `GET ${path} on port ${port}`;
  if (!result.ok) return `DOWN: ${what}: ${result.reason}`;
  return `${result.status < 500 ? 'UP' : 'FAILING'}: ${what} is answered with ${result.status}`;
}

function optionsOf(api: WsgiApi): Partial<ReturnType<typeof parseOptions>> {
  const applicationRoot = wsgiYamlOf(api).application_root;
  const now = parseOptions(api.juju.config(), { applicationRoot });
  const { config } = readLastServed(api);
  return now.options === undefined && config !== undefined ? parseOptions(config, { applicationRoot }) : now;
}

function whatServes(api: WsgiApi, served: Served | undefined, ledger: Ledger): string[] {
  const build = ledger.builds.find(({ folder }) => folder === ledger.served.at(-1));
  const since = served?.pid === undefined ? undefined : startedAt(served.pid);
  const runs = since === undefined ? 'nothing runs now' : `running since ${since.toISOString()}, ${ago(since)}`;
  const { application_root } = wsgiYamlOf(api);
  const what =
    build === undefined
      ? `the code in ${application_root}`
      : `build ${build.label} in ${application_root}/${build.folder}, from ${ORIGINS[build.origin]}`;
  const from = rollbackOf(ledger, String(api.juju.config().current_symlink ?? 'latest'));
  const before = ledger.served.slice(-4, -1).reverse();
  return [
    what,
    runs,
    ...(from === undefined ? [] : [`rolled back from ${from} on this unit alone; it ends with the next release`]),
    ...(from === undefined && ledger.override !== undefined
      ? [`chosen on this unit alone: ${ledger.override.label}; current_symlink is ${ledger.override.during}`]
      : []),
    ...(before.length === 0
      ? []
      : [`served before, the last first: ${before.join(', ')}; back: juju run UNIT rollback`]),
  ];
}

const ORIGINS = { resource: 'the build resource', uri: 'code_assets_uri', charm: "the charm's own files" } as const;

async function journalTail({ machine, data }: WsgiApi): Promise<string[]> {
  const lines = await journal(machine, SERVICE, JOURNAL);
  const failed = lastVerdict(data)?.status === 'blocked';
  const trial = failed ? await journal(machine, TRIAL, TRIAL_JOURNAL) : [];
  return [...lines, ...(trial.length === 0 ? [] : [`of the last trial (${TRIAL}):`, ...trial])];
}

/** All values that may be secret: what is set now, what was set when it last served, and what the process was given. */
function* secretsOf(api: WsgiApi, served: Served | undefined, ledger: Ledger): Generator<string> {
  for (const { secrets } of readLastServed(api).answers.values()) yield* secrets;
  const typed = new Map<string, string>(Object.entries(readAsks(api.keep).environment));
  const config = api.juju.config();
  for (const source of [readLastServed(api).config, config]) {
    if (source === undefined) continue;
    const { options } = parseOptions(source, { applicationRoot: '/' });
    for (const [name, value] of options?.environment_variables ?? []) typed.set(`${name}`, value);
  }
  for (const [name, value] of environmentOf(served?.pid)) typed.set(name, value);
  const { application_root } = wsgiYamlOf(api);
  const current = ledger.served.at(-1);
  const folder = current === undefined ? application_root : `${application_root}/${current}`;
  yield* secretValues(typed, () => pythonFiles(api.machine, folder));
}

function environmentOf(pid: number | undefined): [string, string][] {
  try {
    const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    return pairs
      .filter((pair) => pair.includes('='))
      .map((pair) => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), pair.slice(at + 1)];
      });
  } catch {
    return [];
  }
}
