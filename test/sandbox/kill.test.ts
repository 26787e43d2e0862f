import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KilledModel, killedModel } from '../kill/killed-model.ts';
import { compare, settled } from '../kill/settled.ts';
import { QUICK } from '../setup/wsgi-model.ts';

/** How many of the side effects of a hook are tried, spread over all of them: `all` for every one. */
const SAMPLE = process.env.KILL_SAMPLE ?? '2';
/** Only at these side effects, by their numbers as the longer form prints them: `12,13`. */
const AT = process.env.KILL_AT?.split(',').map(Number);
/** Only these scenarios, by a part of their name. */
const ONLY = process.env.KILL_ONLY ?? '';

interface Scenario {
  /** What is there when it begins. */
  readonly from: 'a machine' | 'a served application';
  readonly hook: string;
  readonly change: (killed: KilledModel) => Promise<void>;
}

const config = (values: Record<string, string>) => (killed: KilledModel) => killed.model.config('wsgi', values);
const SCENARIOS: Record<string, Scenario> = {
  'the first deploy': {
    from: 'a machine',
    hook: 'install',
    change: async ({ model, charm }) => {
      await model.deploy(charm, { application: 'wsgi', config: { port: '8080', ...QUICK }, to: ['0'] });
      await model.integrate('wsgi:website', 'reader:site');
    },
  },
  'another port': { from: 'a served application', hook: 'config-changed', change: config({ port: '8081' }) },
  'another build': { from: 'a served application', hook: 'config-changed', change: config({ build_label: 'r2' }) },
  'another environment': {
    from: 'a served application',
    hook: 'config-changed',
    change: config({ environment_variables: 'GREETING=hello' }),
  },
  'another provision command': {
    from: 'a served application',
    hook: 'config-changed',
    change: config({ provision_command: 'echo "$VIRTUAL_ENV" >~/provisioned' }),
  },
};

/** What Juju does after a hook was ended: it runs the same one again, or the operator has it skipped and another comes. */
const AFTERWARDS: readonly ((killed: KilledModel) => Promise<void>)[] = [
  ({ model }) => model.resolved('wsgi/0'),
  ({ model }) => model.resolved('wsgi/0', { retry: false }),
];

describe('a hook that is killed at one of its side effects', () => {
  let killed: KilledModel;

  beforeAll(async () => {
    killed = await killedModel();
    await killed.model.deploy(await readerOfWebsites(), { application: 'reader' });
    await killed.keep('a machine');
    await SCENARIOS['the first deploy']?.change(killed);
    await killed.keep('a served application');
  });
  afterAll(() => killed[Symbol.asyncDispose]());

  for (const [name, { from, hook, change }] of Object.entries(SCENARIOS)) {
    if (!name.includes(ONLY)) continue;
    test(`in ${name}: the next hooks end where an undisturbed one does`, async () => {
      await killed.restore(from);
      const list = await killed.orders.list(hook);
      await change(killed);
      const effects = await list();
      const undisturbed = await settled(killed.model);
      const different: string[] = [];
      for (const at of AT ?? sample(effects.length)) {
        await killed.restore(from);
        await killed.orders.killAt(hook, at);
        await change(killed);
        if (!(await killed.orders.wasKilled())) {
          different.push(`at ${at}, ${effects[at]}: this time there are fewer`);
          continue;
        }
        await AFTERWARDS[at % AFTERWARDS.length]?.(killed);
        const differences = compare(undisturbed, await settled(killed.model));
        if (differences.length > 0) different.push(`at ${at}, ${effects[at]}:\n${differences.join('\n')}`);
        if (SAMPLE === 'all' || AT) {
          console.log(`${name}: ${at} of ${effects.length}, ${effects[at]}: ${differences.length}`);
        }
      }
      expect(different.join('\n\n')).toBe('');
    }, 36_000_000);
  }
});

/** Spread over 0 to count - 1. */
function sample(count: number): number[] {
  const size = SAMPLE === 'all' ? count : Math.min(count, Number(SAMPLE));
  return Array.from({ length: size }, (_, index) => Math.floor(((index + 0.5) * count) / size));
}

/** A charm that does nothing but be related. */
async function readerOfWebsites(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-reader-'));
  const metadata = 'name: reader\nsummary: Reads.\ndescription: Reads.\nrequires:\n  site: {interface: http}\n';
  await writeFile(join(folder, 'metadata.yaml'), metadata);
  return folder;
}
