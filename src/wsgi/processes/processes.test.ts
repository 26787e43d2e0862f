/** The processes of a Procfile as worlds: one in, one event, one world out. Real processes are in test/sandbox and test/machine. */
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  action,
  type Charm,
  HookFailedError,
  loadCharm,
  type Outcome,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';
import { authorCharm } from '../../../test/setup/author-charm.ts';
import { tarOf } from '../../system/archives/make-archive.fixture.ts';

const PROCFILE = 'worker: python worker.py\nbeat: python beat.py\ncleanup: python cleanup.py\nrelease: make migrate\n';
const SETTLE = { settle_time: 1 };
/** A hook is killed at every so manyth program that it runs or asks; at each with KILL_SAMPLE=all, which takes minutes. */
const KILL_STEP = process.env.KILL_SAMPLE === 'all' ? 1 : 11;

function build(label: string, procfile: string): Buffer {
  return tarOf([
    { name: 'BUILD_LABEL', content: label },
    { name: 'wsgi.py', content: `application = '${label}'` },
    { name: 'Procfile', content: procfile },
  ]);
}

/** Units of processes that run, and whether each starts with the machine. */
function running({ services }: State): Record<string, boolean> {
  const those = Object.entries(services).filter(([unit, { active }]) => unit.startsWith('wsgi-') && active);
  return Object.fromEntries(those.map(([unit, { enabled }]) => [unit, enabled]));
}

/** Commands of systemctl that change processes. */
function changes({ ran }: Outcome): string[] {
  return ran
    .filter(({ program, args }) => program === 'systemctl' && /^(?:restart|start|stop)$/.test(args[0] ?? ''))
    .map(({ args }) => args.filter((arg) => !arg.startsWith('--')).join(' '))
    .filter((line) => line.includes('wsgi-'));
}

let charm: Charm;
/** The leader, serving r1 with processes that are as the machine starts them. */
let served: Outcome;

beforeAll(async () => {
  charm = await loadCharm('.');
  const config = { ...SETTLE, processes: 'worker=2', schedules: 'cleanup=daily' };
  const before = state({ unit: 'wsgi/0', leader: true, config, resources: { build: build('r1', PROCFILE) } });
  served = await run(charm, 'install', before);
});

describe('processes of a unit', () => {
  it('run as often as told; those of the leader do not start with the machine', () => {
    expect(served.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(running(served)).toEqual({
      'wsgi-beat@1.service': false,
      'wsgi-cleanup.timer': false,
      'wsgi-worker@1.service': true,
      'wsgi-worker@2.service': true,
    });
  });

  it('are left alone by a hook that changes nothing', async () => {
    const settled = await run(charm, 'update-status', served);
    const after = await run(charm, 'update-status', settled);
    expect(after.ran).toEqual([]);
  });

  it('are stopped where leadership is lost, whatever else is wrong', async () => {
    const after = await run(charm, 'config-changed', { ...served, leader: false, config: { port: 0 } });
    expect(after.status).toMatchObject({ status: 'blocked', message: expect.stringMatching(/^port: /) });
    expect(Object.keys(running(after))).toEqual(['wsgi-worker@1.service', 'wsgi-worker@2.service']);
    const again = await run(charm, 'leader-elected', { ...after, leader: true, config: served.config });
    expect(running(again)).toEqual(running(served));
    expect(changes(again).join(' ')).not.toContain('worker');
  });

  it('are not there before the first release has served', async () => {
    const before = state({ unit: 'wsgi/0', leader: true, resources: { build: build('r1', 'worker: a\nworker: b\n') } });
    const after = await run(charm, 'install', before);
    expect(after.status).toEqual({
      status: 'blocked',
      message: 'Procfile of build r1: line 2: worker is in line 1 already; one of them is right',
    });
    expect(running(after)).toEqual({});
  });

  it('are listed', async () => {
    const after = await run(charm, action('list-processes'), served);
    expect(after.action?.results.processes?.split('\n').map((line) => line.split('\t')[0])).toEqual([
      'beat@1',
      'cleanup',
      'worker@1',
      'worker@2',
    ]);
  });

  it('go with the unit', async () => {
    const stopped = await run(charm, 'stop', served);
    expect(running(stopped)).toEqual({});
    const removed = await run(charm, 'remove', stopped);
    expect(Object.keys(removed.files).filter((path) => path.includes('wsgi-'))).toEqual([]);
  });
});

describe('a release', () => {
  const dying = { active: false, enabled: false, dies: { after: 0.5, saying: 'ConnectionError: no broker' } };

  it('in which a process dies is refused, and what ran before runs again', async () => {
    const next = { ...served, resources: { build: build('r2', `${PROCFILE}more: python more.py\n`) } };
    const after = await run(charm, 'upgrade-charm', {
      ...next,
      services: { ...served.services, 'wsgi-more@1.service': dying },
    });
    expect(after.status).toEqual({
      status: 'blocked',
      message:
        'build r2 does not start: process more does not stay: ConnectionError: no broker (Procfile: release had run)',
    });
    expect(running(after)).toEqual(running(served));
    const units = (world: State) =>
      Object.entries(world.files).filter(([path]) => path.startsWith('/etc/systemd/system/'));
    expect(units(after)).toEqual(units(served));
    const again = await run(charm, 'update-status', after);
    expect(again.status).toEqual({
      status: 'blocked',
      message: 'build r2 does not start: process more does not stay: ConnectionError: no broker',
    });
    expect(changes(again)).toEqual([]);
  });

  it('whose release command fails is refused in the name of the Procfile, or in that of the option', async () => {
    const programs = { bash: { code: 1, stderr: 'OperationalError: no such table\n' } };
    const broken = { ...served, programs, resources: { build: build('r2', PROCFILE) } };
    const refused = await run(charm, 'upgrade-charm', broken);
    expect(refused.status.message).toBe('Procfile: release: exit code 1: OperationalError: no such table');
    expect(running(refused)).toEqual(running(served));
    const asked = await run(charm, action('provision'), refused);
    expect(asked.action?.message).toBe('Procfile: release: exit code 1: OperationalError: no such table');
    // The same command, set elsewhere.
    const config = { ...broken.config, provision_command: 'make migrate' };
    const named = await run(charm, 'config-changed', { ...refused, config });
    expect(named.status.message).toBe('provision_command: exit code 1: OperationalError: no such table');
  });

  it.each([
    ['another build', { resources: { build: build('r2', 'mailer: python mailer.py\nworker: python worker.py\n') } }],
    ['other counts and times', { config: { ...SETTLE, processes: 'worker=1 beat=0', schedules: 'cleanup=weekly' } }],
    ['another environment', { environment: 'A=b' }],
  ])('of %s ends where it should, wherever a hook is killed', { timeout: 600_000 }, async (_, change) => {
    const { environment, ...changed }: Partial<State> & { environment?: string } = change;
    const config = { ...served.config, ...(environment !== undefined && { environment_variables: environment }) };
    const before: State = { ...served, config, ...changed };
    const undisturbed = await run(charm, 'upgrade-charm', before);
    const expected = await settled(undisturbed);
    for (let killAt = 1; ; killAt += KILL_STEP) {
      const killed = await run(charm, 'upgrade-charm', before, { killAt }).catch((error: unknown) => {
        if (error instanceof HookFailedError) return error.outcome;
        throw error;
      });
      if (killed.exitCode === 0) break;
      expect({ killAt, ...(await settled(killed)) }).toEqual({ killAt, ...expected });
    }
  });

  async function settled(world: State) {
    const retried = await run(charm, 'upgrade-charm', { ...world, interrupted: true });
    const after = await run(charm, 'update-status', retried);
    const ours = Object.entries(after.files).filter(
      ([path]) => path.startsWith('/etc/gunicorn3/') || path.startsWith('/etc/systemd/'),
    );
    return { status: after.status, running: running(after), files: Object.fromEntries(ours) };
  }
});

describe('a process of the author of a charm', () => {
  const HANDLERS = `
import { mkdirSync, writeFileSync } from 'node:fs';
import type { WsgiApi } from 'layer-wsgi';
import { handler, hook } from 'layer-wsgi/reactive';

export const handlers = [
  handler<WsgiApi>('bring the shop', [hook('*')], ({ machine, flags, juju, wsgi }) => {
    mkdirSync(machine.path('/srv/shop'), { recursive: true });
    writeFileSync(machine.path('/srv/shop/wsgi.py'), 'application = None');
    writeFileSync(machine.path('/srv/shop/Procfile'), 'worker: python theirs.py\\n');
    flags.set('wsgi.source.available');
    const mode = juju.config().mode;
    wsgi.setProcess('worker', mode === 'none' ? undefined : { command: 'python ours.py', count: 2 });
    if (mode === 'wrong') wsgi.setProcess('web', { command: 'gunicorn' });
  }),
];
`;
  let shop: Charm;
  let before: Outcome;
  beforeAll(async () => {
    const folder = await authorCharm(HANDLERS);
    shop = await loadCharm(folder);
    rmSync(folder, { recursive: true });
    before = await run(shop, 'install', state({ config: SETTLE }));
  });
  const command = ({ files }: State) =>
    /^ExecStart=.*$/m.exec(String(files['/etc/systemd/system/wsgi-worker@.service']))?.[0];

  it('wins over the Procfile, and the option of the operator over its count', async () => {
    expect(running(before)).toEqual({ 'wsgi-worker@1.service': true, 'wsgi-worker@2.service': true });
    expect(command(before)).toContain('ours.py');
    const after = await run(shop, 'config-changed', { ...before, config: { ...SETTLE, processes: 'worker=1' } });
    expect(running(after)).toEqual({ 'wsgi-worker@1.service': true });
  });

  it('is that of the Procfile again when it is taken back', async () => {
    const after = await run(shop, 'config-changed', { ...before, config: { ...SETTLE, mode: 'none' } });
    expect(running(after)).toEqual({ 'wsgi-worker@1.service': true });
    expect(command(after)).toContain('theirs.py');
  });

  it('that no unit could be made of fails the hook by name', async () => {
    const wrong = run(shop, 'config-changed', { ...before, config: { ...SETTLE, mode: 'wrong' } });
    await expect(wrong).rejects.toThrow(/wsgi\.setProcess: "web" cannot be the name of a process/);
  });
});
