/** A unit that comes and one that goes, beside a database and a proxy: it never serves without what it needs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { databaseCharm } from '../secrets/database-charm.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { answering, archiveOf, newModel, QUICK, statusOf } from '../setup/wsgi-model.ts';

/** Each start of the application, trials included, notes which database it was given. */
const NOTES = "open(os.environ['HOME'] + '/starts', 'a').write(os.environ.get('MONGO_URL', 'none') + '\\n')";
const URL = 'mongodb://shop:';

test('a new unit starts with its database, and one that leaves keeps it until it stops', async () => {
  await using model = await newModel();
  await model.together(async () => {
    await model.deploy(await databaseCharm(), { application: 'db' });
    await model.deploy(join(EXAMPLES, 'haproxy-provider'), { application: 'haproxy', config: { port: '8000' } });
    await model.deploy(inject('charm'), {
      application: 'wsgi',
      config: { port: '8080', ...QUICK, provision_command: 'test -n "$MONGO_URL"' },
      resources: { build: await archiveOf({ BUILD_LABEL: 'noted', 'wsgi.py': answering("'ok'", NOTES) }) },
    });
    await model.integrate('wsgi:mongodb', 'db:mongo');
    await model.integrate('haproxy:reverseproxy', 'wsgi:website');
  });
  await model.addUnit('wsgi');
  const serving = { current: 'active', message: 'serving noted on port 8080' };
  expect([await statusOf(model), await statusOf(model, 'wsgi/1')]).toEqual([serving, serving]);
  const machine = await model.unit('wsgi/1').machine();
  const starts = () => {
    const text = readFileSync(join(machine.rootOnHost, 'var/lib/wsgi/starts'), 'utf8');
    return text.trim().split('\n');
  };
  const before = starts();
  expect(before.filter((url) => !url.startsWith(URL))).toEqual([]);

  /** Before each hook: whether proxies are sent to the unit, and how often it was started. */
  const seen: (readonly [string | undefined, number])[] = [];
  model.order = (units) => {
    const relation = Object.values(model.state().relations).find(({ bags }) => bags['wsgi/1']?.data.hostname);
    seen.push([relation?.bags['wsgi/1']?.data.port, starts().length]);
    return units.find((unit) => unit.startsWith('wsgi/')) ?? units[0] ?? '';
  };
  await model.removeUnit('wsgi/1');
  expect(seen[0]).toEqual(['8080', before.length]);
  expect(seen.slice(2).filter(([port]) => port !== undefined)).toEqual([]);
  expect([...new Set(seen.map(([, started]) => started))]).toEqual([before.length]);
  expect(seen.length).toBeGreaterThan(4);
  expect(model.log({}).filter(({ message }) => message.includes('hook failed'))).toEqual([]);
});
