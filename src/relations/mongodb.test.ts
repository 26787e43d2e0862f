import { expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { authority } from './endpoint.ts';
import { read } from './mongodb.ts';
import type { Relation } from './types.ts';

const wanted = { database: 'wsgi', roles: [], extensions: [] };
const relation = (units: Record<string, Databag>): Relation => ({
  id: 'mongo:4',
  remoteApp: 'mongodb',
  app: {},
  units,
});
const unit = (host: string, replset?: string): Databag => ({
  hostname: host,
  port: '27017',
  type: 'database',
  ...(replset === undefined ? {} : { replset }),
});

function summary(units: Record<string, Databag>): string {
  const answer = read(relation(units), wanted);
  if (answer.kind !== 'ready') return `${answer.kind}: ${answer.reason}`;
  const { endpoints, options, database } = answer.connection;
  return [endpoints.map(authority).join(), database, ...Object.values(options)].join(' ');
}

test.each<[string, Record<string, Databag>, string]>([
  ['one server', { 'm/0': unit('10.0.0.5') }, '10.0.0.5:27017 wsgi'],
  [
    'a replica set is all of its hosts, in an order that does not change',
    { 'm/0': unit('10.0.0.7', 'rs'), 'm/1': unit('10.0.0.5', 'rs') },
    '10.0.0.5:27017,10.0.0.7:27017 wsgi rs',
  ],
  ['a unit alone is no set, whatever it says', { 'm/0': unit('10.0.0.5', 'rs') }, '10.0.0.5:27017 wsgi'],
  ['several servers that form no set: the oldest', { 'm/10': unit('b'), 'm/9': unit('a') }, 'a:27017 wsgi'],
  ['a unit that has not joined the set yet', { 'm/0': unit('a'), 'm/1': unit('b', 'rs') }, 'b:27017 wsgi rs'],
  ['two sets: that of the oldest unit', { 'm/0': unit('a', 'x'), 'm/1': unit('b', 'y') }, 'a:27017 wsgi x'],
  ['no servers of the configuration', { 'm/0': { ...unit('a'), type: 'configsvr' }, 'm/1': unit('b') }, 'b:27017 wsgi'],
  ['a half-written unit is left out', { 'm/0': { hostname: 'a' }, 'm/1': unit('b') }, 'b:27017 wsgi'],
  ['only half-written', { 'm/0': { hostname: 'a' } }, 'waiting: mongodb has not given a host and a port yet'],
  ['a nonsense port', { 'm/0': { ...unit('a'), port: 'x' } }, 'refused: mongodb gave "x" as its port'],
  ['nothing', { 'm/0': { 'private-address': '10.0.0.5' } }, 'waiting: mongodb has not answered yet'],
])('%s', (_, units, expected) => {
  expect(summary(units)).toBe(expected);
});
