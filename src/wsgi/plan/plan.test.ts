/** Every change goes through the action plan first, and then comes: what was planned is what happens. */
import { beforeAll, describe, expect, it } from 'vitest';
import { action, type Charm, loadCharm, run, type State, state } from '../../../packages/charm-testing/index.ts';
import { plannedOptions } from './words.ts';

let charm: Charm;
let served: State;

const SETTINGS = { settle_time: 0, process_stop_timeout: 1 };

beforeAll(async () => {
  charm = await loadCharm('.');
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config: SETTINGS }));
});

/** The lines of a plan, for which nothing was touched. */
async function planOf(before: State, options: string): Promise<string[]> {
  const after = await run(charm, action('plan', { options }), before);
  expect(after.action).toMatchObject({ status: 'completed' });
  for (const part of ['files', 'links', 'services', 'packages', 'ports', 'status', 'secrets', 'relations'] as const)
    expect(after[part], part).toEqual(before[part]);
  const verbs = after.ran.filter(({ program }) => program === 'systemctl').map(({ args: [verb = ''] }) => verb);
  expect(verbs.filter((verb) => !/^(?:show|list-\w+|is-\w+|--version)$/.test(verb))).toEqual([]);
  const own = ({ data }: State) => Object.entries(data).filter(([key]) => key.startsWith('wsgi.'));
  expect(own(after)).toEqual(own(before));
  return String(after.action?.results.plan).split('\n');
}

const fileIn = ({ files }: State, name: RegExp) => Object.entries(files).find(([path]) => name.test(path))?.[1];
const made = ({ files }: State) => Object.keys(files).filter((path) => /\/venvs\/[0-9a-f]+\.json$/.test(path));
const builds = ({ data }: State) => JSON.stringify(data['wsgi.builds']).match(/"content"/g)?.length ?? 0;
const environment = (world: State) =>
  String(fileIn(world, /\/environment-[0-9a-f]+$/)).replace(/^(?:PATH|VIRTUAL_ENV)=.*$/gm, '');

/** What a hook did, in the words with which the lines of a plan begin. */
function happened(before: State, after: Awaited<ReturnType<typeof run>>): string[] {
  const commands = after.ran.map(({ program, args }) => [program, ...args].join(' '));
  const ran = (command: RegExp) => commands.some((line) => command.test(line));
  const differs: Readonly<Record<string, boolean>> = {
    'apt: installs': Object.keys(after.packages).length > Object.keys(before.packages).length,
    'build: installs': builds(after) > builds(before),
    'build: removes': builds(after) < builds(before),
    'pip: makes': made(after).some((path) => !made(before).includes(path)),
    'provision: runs': after.data['wsgi.provisioned'] !== before.data['wsgi.provisioned'],
    'make: runs': ran(/systemd-run .*gunicorn3-make/),
    'variables:': environment(after) !== environment(before),
    'serves:': after.links['/srv/current'] !== before.links['/srv/current'],
    'rollout: waits': /waits? for (?:its|their) turn/.test(after.status.message),
    'restart:': ran(/^systemctl .*\brestart\b.* gunicorn3\.service/),
    'stop:': before.services['gunicorn3.service']?.active !== after.services['gunicorn3.service']?.active,
    'processes: starts': ran(/^systemctl .*\brestart\b.* wsgi-/),
    'ports:': JSON.stringify(after.ports) !== JSON.stringify(before.ports),
  };
  return Object.keys(differs).filter((name) => differs[name]);
}

const UNKNOWN = 'build: what it requires and its Procfile are known once it is here';

async function change(before: State, options: string) {
  const lines = await planOf(before, options);
  const after = await run(charm, 'config-changed', {
    ...before,
    config: { ...before.config, ...plannedOptions(options) },
  });
  const sure = lines.filter((line) => line !== UNKNOWN && line !== 'nothing changes');
  const did = happened(before, after);
  // Each line has happened, and what has happened has a line.
  for (const line of sure)
    expect(
      did.some((one) => line.startsWith(one)),
      `${line} of ${did}`,
    ).toBe(true);
  const open = lines.includes(UNKNOWN) ? ['pip: makes', 'processes: starts'] : [];
  const unsaid = did.filter((one) => !open.includes(one) && !sure.some((line) => line.startsWith(one)));
  expect(unsaid, lines.join('\n')).toEqual([]);
  return { lines, after };
}

const RESTART = 'restart: the new version is tried beside the old one, and takes its place';

describe('what was planned is what happens', () => {
  it.for([
    ['', ['nothing changes']],
    ['nagios_context=prod', ['nothing changes']],
    ['workers=4', [RESTART]],
    [
      'port=8080',
      [
        'restart: what serves is started once more, for its port',
        'ports: opens 8080',
        'ports: closes 80 after a minute',
      ],
    ],
    [`environment_variables='GREETING=hello TOKEN=hunter2'`, ['variables: sets GREETING, TOKEN', RESTART]],
    ['apt_dependencies=libpq5', ['apt: installs libpq5']],
    [
      'build_label=r2 workers=2',
      ["build: installs r2 from the charm's own files", UNKNOWN, 'serves: r2 in place of r1', RESTART],
    ],
    [`provision_command='./manage.py migrate'`, ['provision: runs provision_command']],
    ['current_symlink=r1 build_label=r2', ["build: installs r2 from the charm's own files"]],
    ['update_make_target=css', ['apt: installs make', 'make: runs css']],
  ] as const)('%s', async ([options, expected]) => {
    expect((await change(served, options)).lines).toEqual(expected);
  });

  it('in a rolling upgrade, on the way back, and with the builds that go', async () => {
    const prepared = await change(served, 'current_symlink=r1 build_label=r2 builds_to_keep=0');
    const moved = await change(prepared.after, 'current_symlink=r2');
    expect(moved.lines).toEqual(['serves: r2 in place of r1', RESTART]);
    const back = await change(moved.after, 'current_symlink=r1');
    expect(back.lines).toEqual(['serves: r1 in place of r2', RESTART]);
  });

  it('for a variable that changes or goes', async () => {
    const { after } = await change(served, `environment_variables='A=1 B=2'`);
    const { lines } = await change(after, `environment_variables='A=2'`);
    expect(lines).toEqual(['variables: changes A', 'variables: removes B', RESTART]);
  });

  it('for requirements that have no environment yet', async () => {
    const files = { ...served.files, '/srv/r1/more.txt': 'flask\n' };
    const { lines } = await change({ ...served, files }, 'requirements_path=more.txt');
    expect(lines).toEqual(['pip: makes a virtual environment for the requirements', RESTART]);
  });

  it('for processes, and a release without a web server', async () => {
    const files = { ...served.files, '/srv/r1/Procfile': 'worker: python worker.py\nrelease: true\n' };
    const { lines, after } = await change({ ...served, files }, 'processes=worker=2');
    expect(lines).toEqual([
      'provision: runs the line release of the Procfile',
      'processes: starts wsgi-worker@1.service, wsgi-worker@2.service',
    ]);
    const webless = await planOf(after, 'wsgi_module=""');
    expect(webless).toEqual(['stop: the web server stops', 'ports: closes 80']);
    const fewer = await planOf(after, 'processes=worker=1');
    expect(fewer).toEqual(['processes: stops wsgi-worker@2.service']);
  });

  it('in a rollout, where another unit leads', async () => {
    const rollout = { config: { ...SETTINGS, rollout: 'one-by-one' } };
    const peer = { id: 'fleet:0', remoteApp: 'wsgi', remoteUnits: { 'wsgi/1': {} } };
    const begun = await run(charm, 'start', state({ unit: 'wsgi/0', ...rollout, relations: [peer] }));
    const lines = await planOf(begun, 'workers=4');
    expect(lines).toEqual(['rollout: waits for the turn of this unit, as it is one-by-one', RESTART]);
    const after = await run(charm, 'config-changed', { ...begun, config: { ...begun.config, workers: 4 } });
    expect(after.status.message).toBe('serving r1 on port 80; the new options are ready and wait for their turn');
  });
});

describe('a plan of what cannot be', () => {
  it.for([
    ['workers=-1', 'blocked: workers: -1 is not a number in range; 0 to 1024 is right'],
    ['current_symlink=r9', 'blocked: current_symlink: there is no build r9 on this unit; installed: r1'],
    [
      'environment_from=A=B',
      'blocked: environment_from: A: there is no variable B; there are: none, for no relation gives any',
    ],
  ] as const)('%s', async ([options, line]) => {
    expect(await planOf(served, options)).toEqual([line]);
    const config = { ...served.config, ...plannedOptions(options) };
    const after = await run(charm, 'config-changed', { ...served, config });
    expect(`${after.status.status}: ${after.status.message}`).toBe(line);
  });

  it.for([
    ['worker=4', 'options: there is no option worker; juju config lists them'],
    ['workers', 'options: '],
  ] as const)('%s: says what is wrong with the words', async ([options, message]) => {
    const after = await run(charm, action('plan', { options }), served);
    expect(after.action).toMatchObject({ status: 'failed', message: expect.stringContaining(message) });
  });
});
