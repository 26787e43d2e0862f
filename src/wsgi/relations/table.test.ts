/** A relation that the charm does not have, added as an author would, and what then follows from its row. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { createHookContext } from '../../juju/context.ts';
import { hookEnvironment } from '../../juju/environment.ts';
import type { ToolRunner } from '../../juju/run.ts';
import { waiting } from '../../relations/types.ts';
import { plain, secret, type Variable } from '../../relations/variables.ts';
import { openPrivateRecord } from '../../system/private-record.ts';
import { parseOptions } from '../config/options.ts';
import { isRevoked, readConnections } from './connections.ts';
import { observe } from './databags.ts';
import type { UnitFacts } from './facts.ts';
import { type LastAnswers, readLastAnswers, writeLastAnswers } from './last-answers.ts';
import { askRelations, publishServing } from './requests.ts';
import { type GivingParts, giving, type Row, type TellingParts, telling } from './row.ts';
import { RELATIONS } from './table.ts';

const Lamp = z.object({ host: z.string(), token: z.string(), ca: z.optional(z.string()) });
type Lamp = z.infer<typeof Lamp>;

const parts: GivingParts<Lamp> = {
  interface: 'lamp',
  charms: ['lamp'],
  gives: 'light',
  ask: ({ unit, given, readSecret }) => ({
    unit: { socket: unit.unit },
    app: { for: unit.application, at: given.WEBSERVICE_URL ?? '', secrets: String(readSecret !== undefined) },
  }),
  fixed: { options: { for: 'database_name' }, askedByOthers: 'nothing' },
  publish: ({ port }) => ({ unit: { lit: String(port !== undefined) }, app: {} }),
  read: ({ app }) => {
    const { host, token, ca } = app;
    if (host === undefined || token === undefined) return waiting('lamp has given no host and token yet');
    return { kind: 'ready', connection: { host, token, ca } };
  },
  schema: Lamp,
  variables: {
    LAMP_HOST: plain('Its host.', ({ host }) => host),
    LAMP_TOKEN: secret('Its token.', ({ token }) => token),
    WEBSERVICE_URL: plain('The web service, where none is related.', ({ host }) => `http://${host}`),
  },
  certificate: ({ ca }) => ca,
  identity: ({ host }) => host,
};
const toldParts: TellingParts = { interface: 'lamp', charms: ['lamp'], reads: 'presence', publish: 'nothing' };

const rows = { ...RELATIONS, lamp: giving(parts) } satisfies Readonly<Record<string, Row>>;

/** A unit of which Juju knows some relations; tools that write are noted as they are called. */
function unitWith(bags: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  const written: string[] = [];
  const asked: string[] = [];
  const run: ToolRunner = (tool, args, input) => {
    const words = args.filter((word) => word !== '--format=json');
    if (input !== undefined) written.push([tool, ...words, input].join(' '));
    asked.push([tool, ...words].join(' '));
    const ids = Object.keys(bags).filter((id) => id.startsWith(`${words[0]}:`));
    const answers: Readonly<Record<string, unknown>> = {
      'relation-ids': ids,
      'relation-list': words.includes('--app') ? 'remote' : [],
      'relation-get': words.at(-1) === 'remote' ? (bags[words[1] ?? ''] ?? {}) : {},
      'is-leader': true,
    };
    return { code: 0, stdout: JSON.stringify(answers[tool] ?? ''), stderr: '' };
  };
  const environment = { JUJU_UNIT_NAME: 'wsgi/0', JUJU_HOOK_NAME: 'config-changed', JUJU_VERSION: '3.6.1' };
  const juju = createHookContext(run, hookEnvironment(environment));
  const { options } = parseOptions({}, { applicationRoot: '/srv' });
  if (options === undefined) throw new Error('the defaults are not right');
  const facts: UnitFacts = { juju, options, seenPath: (path) => `/machine${path}` };
  return { facts, juju, relations: observe(juju, rows), written, asked };
}

const NOTHING: LastAnswers = new Map();
const lit = { host: 'l', token: 'secret!', ca: 'PEM' };

describe('a row', () => {
  test('is all that the databags need to be read', () => {
    expect(unitWith({ 'lamp:7': lit }).relations.lamp).toEqual([
      { id: 'lamp:7', app: 'remote', appBag: lit, units: {} },
    ]);
  });

  test('gives variables, secrets, a certificate and an identity', async () => {
    const { facts, relations } = unitWith({ 'lamp:7': lit });
    expect(await readConnections(facts, relations, NOTHING, rows)).toMatchObject({
      variables: { LAMP_HOST: 'l', LAMP_TOKEN: 'secret!', WEBSERVICE_URL: 'http://l' },
      secrets: ['secret!'],
      certificates: new Map([['/etc/gunicorn3/certificates/light.pem', 'PEM']]),
      databases: ['l'],
      problems: [],
      missing: undefined,
      revoked: false,
    });
  });

  test('says what it waits for, and keeps what it gave before', async () => {
    const { facts, relations } = unitWith({ 'lamp:7': {} });
    const first = await readConnections(facts, relations, NOTHING, rows);
    expect(first.problems.map(({ status, message }) => `${status}: ${message}`)).toEqual([
      'waiting: lamp: lamp has given no host and token yet',
    ]);
    expect(first.missing).toBe(first.problems[0]);
    const before = unitWith({ 'lamp:7': lit });
    const { answers } = await readConnections(before.facts, before.relations, NOTHING, rows);
    const after = await readConnections(facts, relations, answers, rows);
    expect(after).toMatchObject({ variables: { LAMP_TOKEN: 'secret!' }, missing: undefined });
    expect(after.problems).toHaveLength(1);
  });

  test('is kept from hook to hook, and missed when its relation is gone', async () => {
    const { facts, relations } = unitWith({ 'lamp:7': lit });
    const { answers } = await readConnections(facts, relations, NOTHING, rows);
    const keep = openPrivateRecord('/nowhere/record.json');
    writeLastAnswers(keep, answers);
    const recalled = readLastAnswers(keep, rows);
    expect(recalled).toEqual(answers);
    expect(isRevoked(relations, recalled)).toBe(false);
    expect(isRevoked(unitWith({ 'lamp:8': lit }).relations, recalled)).toBe(true);
    expect(readLastAnswers(keep)).toEqual(new Map());
  });

  test('reads what the revision before has kept of a database and a service', () => {
    const connection = {
      ...{ kind: 'postgresql', relation: 'postgres:2', database: 'wsgi', options: {}, readOnlyEndpoints: [] },
      ...{ endpoints: [{ host: '10.0.0.5', port: 5432 }], credentials: { user: 'u', password: 'p' } },
    };
    const keep = openPrivateRecord('/nowhere/record.json');
    keep.set('wsgi.ready', {
      postgresql: { connection, url: { href: 'postgresql://u:p@10.0.0.5:5432/wsgi', options: {} } },
      managerService: { relation: 'manager-service:4', url: 'http://10.0.0.6:8000' },
    });
    const answers = readLastAnswers(keep);
    expect(answers.get('postgresql')).toMatchObject({
      relation: 'postgres:2',
      variables: { DATABASE_URL: 'postgresql://u:p@10.0.0.5:5432/wsgi', POSTGRESQL_DB_HOSTNAME: '10.0.0.5' },
    });
    expect(answers.get('managerService')?.variables).toEqual({ MANAGER_SERVICE_URL: 'http://10.0.0.6:8000' });
    // It looks for these places when a unit goes back to it.
    writeLastAnswers(keep, answers);
    expect(keep.get('wsgi.ready')).toMatchObject({
      postgresql: { connection, url: { options: {} } },
      managerService: { relation: 'manager-service:4', url: 'http://10.0.0.6:8000' },
    });
  });

  test('of which the name of a variable is taken by one above gives way to it', async () => {
    const { facts, relations } = unitWith({ 'lamp:7': lit, 'webservice:8': { hostname: 'w', port: '80' } });
    expect((await readConnections(facts, relations, NOTHING, rows)).variables.WEBSERVICE_URL).toBe('http://w');
  });

  test('asks in both databags and knows what the other relations give', async () => {
    const { facts, juju, relations, written } = unitWith({ 'lamp:7': {} });
    askRelations(facts, relations, { WEBSERVICE_URL: 'http://w' }, rows);
    juju.commit();
    expect(written).toEqual([
      'relation-set -r lamp:7 --file - {"socket":"wsgi/0"}',
      'relation-set -r lamp:7 --app --file - {"for":"wsgi","at":"http://w","secrets":"true"}',
    ]);
  });

  test('tells whether the application serves', () => {
    const { juju, relations, written } = unitWith({ 'lamp:7': {} });
    publishServing(juju, relations, { port: 80, proxiedPort: 80, healthPath: '/' }, rows);
    juju.commit();
    expect(written).toEqual(['relation-set -r lamp:7 --file - {"lit":"true"}']);
  });

  test('costs a relation nothing that it does not use', () => {
    const { asked } = unitWith({});
    expect(asked).toEqual(
      Object.keys(rows)
        .toSorted()
        .map((endpoint) => `relation-ids ${endpoint}`),
    );
  });
});

describe('no part of a row can be left out', () => {
  const without = <Parts extends object, Part extends keyof Parts>(whole: Parts, part: Part): Omit<Parts, Part> => {
    const { [part]: _, ...others } = whole;
    return others;
  };

  test('of one that gives something', () => {
    const incomplete: Readonly<Record<keyof GivingParts<Lamp>, () => Row>> = {
      // @ts-expect-error: as in metadata.yaml
      interface: () => giving<Lamp>(without(parts, 'interface')),
      // @ts-expect-error: the reference names them
      charms: () => giving<Lamp>(without(parts, 'charms')),
      // @ts-expect-error: which other relations stand in for it
      gives: () => giving<Lamp>(without(parts, 'gives')),
      // @ts-expect-error: what we write
      ask: () => giving<Lamp>(without(parts, 'ask')),
      // @ts-expect-error: what is asked for once only
      fixed: () => giving<Lamp>(without(parts, 'fixed')),
      // @ts-expect-error: what we write once it serves
      publish: () => giving<Lamp>(without(parts, 'publish')),
      // @ts-expect-error: what the databags say
      read: () => giving<Lamp>(without(parts, 'read')),
      // @ts-expect-error: the last answer
      schema: () => giving<Lamp>(without(parts, 'schema')),
      // @ts-expect-error: what the application gets
      variables: () => giving<Lamp>(without(parts, 'variables')),
      // @ts-expect-error: the file that it needs
      certificate: () => giving<Lamp>(without(parts, 'certificate')),
      // @ts-expect-error: whether to provision again
      identity: () => giving<Lamp>(without(parts, 'identity')),
    };
    expect(Object.keys(incomplete).toSorted()).toEqual(Object.keys(parts).toSorted());
  });

  test('of one that only tells', () => {
    const incomplete: Readonly<Record<keyof TellingParts, () => Row>> = {
      // @ts-expect-error: as in metadata.yaml
      interface: () => telling(without(toldParts, 'interface')),
      // @ts-expect-error: the reference names them
      charms: () => telling(without(toldParts, 'charms')),
      // @ts-expect-error: whether the databags matter
      reads: () => telling(without(toldParts, 'reads')),
      // @ts-expect-error: what we write
      publish: () => telling(without(toldParts, 'publish')),
    };
    expect(Object.keys(incomplete).toSorted()).toEqual(Object.keys(toldParts).toSorted());
  });

  test('of a variable', () => {
    const whole: Variable<Lamp> = plain('Its host.', ({ host }) => host);
    const incomplete: Readonly<Record<keyof Variable<Lamp>, Variable<Lamp>>> = {
      // @ts-expect-error: the reference
      meaning: without(whole, 'meaning'),
      // @ts-expect-error: whether logs may show it
      secret: without(whole, 'secret'),
      // @ts-expect-error: its text
      text: without(whole, 'text'),
    };
    expect(Object.keys(incomplete).toSorted()).toEqual(Object.keys(whole).toSorted());
  });

  test('and what is kept must be what is read', () => {
    // @ts-expect-error: the answer needs a token
    expect(giving<Lamp>({ ...parts, schema: z.object({ host: z.string() }) }).kind).toBe('giving');
  });
});

test('the names of variables are in no file but the rows', () => {
  const variables = Object.values(RELATIONS).flatMap((row) =>
    row.kind === 'giving' ? Object.keys(row.variables) : [],
  );
  const files = globSync('src/**/*.ts', { exclude: (path) => /\.(test|fixture)\.ts$/.test(path) });
  const naming = files.filter((path) => {
    const text = readFileSync(path, 'utf8');
    return variables.some((name) =>
      new RegExp(`(?<![A-Z_])${name}(?![A-Z_])`).test(text.replaceAll(/^\s*(\/?\*|\/\/).*$/gm, '')),
    );
  });
  expect(naming.length).toBeGreaterThan(0);
  // Operators set variables of these names themselves, and some of them are no secrets.
  const known = ['src/wsgi/app/secret-values.ts'];
  expect(naming.filter((path) => !path.startsWith('src/wsgi/relations/rows/'))).toEqual(known);
});
