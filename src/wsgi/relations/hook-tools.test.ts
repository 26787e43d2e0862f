/** What a relation's event asks of Juju: as much as it is about, however many endpoints the charm has. */
import { describe, expect, test } from 'vitest';
import { createHookContext } from '../../juju/context.ts';
import { hookEnvironment } from '../../juju/environment.ts';
import type { ToolRunner } from '../../juju/run.ts';
import { parseOptions } from '../config/options.ts';
import { readConnections } from './connections.ts';
import { observe } from './databags.ts';
import { askRelations, publishServing } from './requests.ts';
import type { Row } from './row.ts';
import { RELATIONS } from './table.ts';

type Rows = Readonly<Record<string, Row>>;

/** Copies of a row, as so many endpoints more. */
const copies = (row: Row, count: number): Rows =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`more-${at}`, row]));

/** All hook tools that a look at the relations runs, in one hook after another that remembers. */
async function toolsOf(rows: Rows, related: readonly string[], hooks: readonly Readonly<Record<string, string>>[]) {
  let asked: string[] = [];
  const run: ToolRunner = (tool, args) => {
    const words = args.filter((word) => word !== '--format=json');
    asked.push([tool, ...words].join(' '));
    const answers: Readonly<Record<string, unknown>> = {
      'relation-ids': related.filter((id) => id.startsWith(`${words[0]}:`)),
      'relation-list': words.includes('--app') ? 'remote' : ['remote/0'],
      'relation-get': {},
      'is-leader': true,
      'network-get': {},
    };
    return { code: 0, stdout: JSON.stringify(answers[tool] ?? ''), stderr: '' };
  };
  const { options } = parseOptions({}, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error('the defaults are not right');
  let remembered: unknown;
  for (const hook of hooks) {
    asked = [];
    const environment = { JUJU_UNIT_NAME: 'wsgi/0', JUJU_VERSION: '3.6.1', ...hook };
    const juju = createHookContext(run, hookEnvironment(environment), remembered);
    const facts = { juju, options, seenPath: (path: string) => path };
    const relations = observe(juju, rows);
    const { variables } = await readConnections(facts, relations, new Map(), rows);
    askRelations(facts, relations, variables, rows);
    publishServing(juju, relations, { port: 80, proxiedPort: 80, healthPath: '/' }, rows);
    juju.commit();
    remembered = JSON.parse(JSON.stringify(juju.remember()));
  }
  return asked;
}

describe.each(['created', 'joined', 'changed', 'departed', 'broken'])('in relation-%s', (step) => {
  test.each(['postgresql', 's3', 'receive-ca-certs', 'haproxy-route'])('of %s', async (endpoint) => {
    const before = { JUJU_HOOK_NAME: 'config-changed' };
    const event = {
      JUJU_HOOK_NAME: `${endpoint}-relation-${step}`,
      JUJU_RELATION: endpoint,
      JUJU_RELATION_ID: `${endpoint}:7`,
      JUJU_REMOTE_APP: 'remote',
      JUJU_REMOTE_UNIT: ['created', 'broken'].includes(step) ? '' : 'remote/0',
    };
    const related = [`${endpoint}:7`, 'redis:8'];
    const few = await toolsOf(RELATIONS, related, [before, event]);
    const many = await toolsOf({ ...RELATIONS, ...copies(RELATIONS.smtp, 40) }, related, [before, event]);
    expect(many.length).toBe(few.length);
    // Of this endpoint, and of the one that each hook doubts.
    expect(few.filter((line) => line.startsWith('relation-ids ')).length).toBeLessThanOrEqual(2);
    expect(few.length).toBeLessThan(10);
  });
});

test('the first look asks for every endpoint', async () => {
  const tools = await toolsOf(RELATIONS, [], [{ JUJU_HOOK_NAME: 'config-changed' }]);
  expect(tools).toHaveLength(Object.keys(RELATIONS).length);
});
