/** Three units on real machines of two Debians behind HAProxy, and the changes that a fleet goes through. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeDirectory, readCharm } from '../../packages/charm-build/make.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';
import { LocalModel } from '../../packages/local-juju/local-model.ts';
import { NspawnMachine } from '../../packages/local-juju/nspawn/machine.ts';
import { startTimedLoad, type TimedReport } from '../load/timed-load.ts';
import { databaseCharm } from '../secrets/database-charm.ts';
import { EXAMPLES } from './fixture-build.ts';
import { withNextUnitFile } from './next-unit-file.ts';
import { answering, archiveOf, QUICK } from './wsgi-model.ts';

const UNITS = 3;
const PORT = 8000;
/** The first machine has HAProxy besides, and the packages of the other example charms, with which its root is shared. */
const FIRST = { suite: 'bookworm', packages: ['haproxy', 'postgresql'] };
const OTHERS = { packages: ['logrotate', 'rsyslog'] };
const BUILDS = {
  a: '',
  b: '',
  c: '',
  d: '',
  dead: "raise ImportError('no shop')",
  // What has no port of its own on its command line is the service, and no trial.
  misplaced: "if '--bind' not in sys.argv: raise RuntimeError('not in this place')",
} as const;

export interface RealFleet extends AsyncDisposable {
  readonly model: LocalModel;
  /** What operators do, by name, in an order in which each finds what it needs. */
  readonly changes: Readonly<Record<string, () => Promise<unknown>>>;
  /** Asks through HAProxy while something is done. */
  during(work: () => Promise<unknown>): Promise<TimedReport>;
}

/** @param start seconds that the application takes to start; @param rate requests a second */
export async function realFleet({ start = 0, rate = 40 } = {}): Promise<RealFleet> {
  const base = await mkdtemp(join(tmpdir(), 'layer-wsgi-fleet-'));
  const charm = join(base, 'charm');
  await makeDirectory(await readCharm(PROJECT), charm, { architecture: ownArchitecture(), runtime: 'bundled' });
  const model = await LocalModel.create({
    machine: ({ dir, id }) => {
      const kind = id === '0' ? FIRST : { ...OTHERS, suite: id === '1' ? 'bookworm' : 'trixie' };
      return NspawnMachine.open(dir, { ...kind, id, temporary: true });
    },
  });
  const config = (values: Record<string, string>) => model.config('wsgi', values);
  const end = async () => {
    await model.destroy();
    await rm(base, { recursive: true, force: true });
  };
  try {
    await model.together(async () => {
      const threads = { worker_class: 'gthread', threads: '4' };
      const options = { port: '8080', ...QUICK, ...threads, rollout: 'one-by-one' };
      await model.deploy(charm, { application: 'wsgi', units: UNITS, config: options });
      await model.deploy(await databaseCharm(), { application: 'db', to: ['0'] });
      const haproxy = { application: 'haproxy', config: { port: String(PORT) }, to: ['0'] };
      await model.deploy(join(EXAMPLES, 'haproxy-provider'), haproxy);
      await model.integrate('wsgi:mongodb', 'db:mongo');
      await model.integrate('haproxy:reverseproxy', 'wsgi:website');
    });
    await putBuilds(model, start);
    await config({ code_assets_uri: 'file:///opt/builds', build_label: 'a' });
  } catch (error) {
    await end();
    throw error;
  }
  return {
    model,
    changes: {
      "the document's rolling upgrade": async () => {
        await config({ current_symlink: 'a', build_label: 'b' });
        for (const unit of model.units('wsgi')) await model.run(unit, 'set-current-symlink', { label: 'b' });
        await config({ current_symlink: 'latest' });
      },
      'an option, one by one': () => config({ environment_variables: 'GREETING=hello' }),
      'a build, one by one': () => config({ build_label: 'c' }),
      'a build that does not start': () => config({ build_label: 'dead' }),
      'a build that does not start in its place': () => config({ build_label: 'misplaced' }),
      'back to the one that serves': () => config({ build_label: 'c' }),
      'a build, as a canary': () => config({ rollout: 'canary', build_label: 'd' }),
      'promote-release': () => model.run('wsgi/leader', 'promote-release'),
      'a rotated password': () => model.exec('db/0', ROTATE),
      'a refresh': async () => {
        await config({ rollout: 'one-by-one' });
        await model.refresh('wsgi', { path: await withNextUnitFile(charm, join(base, 'next')) });
      },
    },
    during: async (work) => {
      const { host, port } = await model.unit('haproxy/0').endpoint(PORT);
      await using load = startTimedLoad(`http://${host}:${port}/`, rate);
      await work();
      return await load.stop();
    },
    [Symbol.asyncDispose]: end,
  };
}

/** What a database charm does where its password is to be another. */
const ROTATE = [
  'relation=$(relation-ids mongo)',
  'secret=$(secret-add username=shop password=another)',
  'secret-grant --relation "$relation" "$secret"',
  'relation-set -r "$relation" --app secret-user="$secret"',
].join(' && ');

/** Puts builds where every unit finds them by file://. */
async function putBuilds(model: LocalModel, start: number): Promise<void> {
  const machines = await Promise.all(model.units('wsgi').map((unit) => model.unit(unit).machine()));
  for (const [label, before] of Object.entries(BUILDS)) {
    const name = 'code_archive.tgz';
    const lines = `import time\ntime.sleep(${start})\n${before}`;
    const archive = await archiveOf({ 'wsgi.py': answering(`'${label}'`, lines) }, name);
    for (const { rootOnHost } of machines) {
      await cp(dirname(archive), join(rootOnHost, 'opt/builds', label), { recursive: true });
    }
  }
}
