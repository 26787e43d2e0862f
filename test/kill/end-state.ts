/** All that a deployed unit came to, as plain text, without what is of the moment: times, process ids, digests of these. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { outputOf } from '../setup/real-machines.ts';

const FOLDERS = ['etc', 'opt', 'srv', 'var/lib/wsgi'];
const CHARM = 'var/lib/juju/agents/unit-wsgi-0/charm';
/** What is remembered of a moment: when a file was last changed, which process ran; `at` is the time of one, wherever it is. */
const OF_THE_MOMENT = new Set(['wsgi.settled', 'wsgi.source.index', 'juju.memory']);

export async function endState(model: LocalModel): Promise<Record<string, string>> {
  const machine = await model.machine('0');
  const root = machine.rootOnHost;
  const { units, applications, relations } = model.state();
  const unit = units['wsgi/0'];
  const bags = Object.values(relations).map(({ bags }) => bags['wsgi/0']?.data);
  return {
    status: `${unit?.workload.status}: ${unit?.workload.message}`,
    agent: String(unit?.agent.status),
    ports: JSON.stringify(unit?.ports),
    databags: JSON.stringify(bags),
    version: String(applications.wsgi?.version),
    units: await outputOf(machine, 'systemctl list-units --all --plain --no-legend "gunicorn3*" | sort; true'),
    'unit files': await outputOf(machine, 'systemctl list-unit-files --no-legend "gunicorn3*" | sort; true'),
    'charm folder': readdirSync(join(root, CHARM)).join(' '),
    ...remembered('store', join(root, CHARM, '.reactive.json')),
    ...remembered('private', join(root, CHARM, '.private.json')),
    ...Object.fromEntries(FOLDERS.flatMap((folder) => [...filesIn(root, folder)])),
  };
}

/** An entry for each thing that a file of JSON remembers, two levels deep. */
function remembered(name: string, file: string): Record<string, string> {
  const drop = (key: string, value: unknown) => (key === 'at' ? undefined : value);
  const all: Record<string, unknown> = JSON.parse(readFileSync(file, 'utf8'));
  return Object.fromEntries(
    Object.entries(all).flatMap(([part, content]) =>
      Object.entries(typeof content === 'object' && content !== null ? content : { '': content })
        .filter(([key]) => ![part, key].some((one) => OF_THE_MOMENT.has(one)))
        .map(([key, value]) => [`${name}: ${part} ${key}`, JSON.stringify(value, drop, 1)]),
    ),
  );
}

function* filesIn(root: string, path: string): Generator<[string, string]> {
  const full = join(root, path);
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return;
  const mode = (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) yield [path, `-> ${readlinkSync(full)}`];
  else if (stat.isDirectory()) {
    yield [path, `folder ${mode}`];
    for (const name of readdirSync(full)) if (name !== '__pycache__') yield* filesIn(root, `${path}/${name}`);
  } else yield [path, `${mode} ${readFileSync(full, 'latin1')}`];
}
