import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Channel, HookEnded } from './channel.ts';
import type { Order } from './messages.ts';
import { PythonData } from './python-state.ts';

let folder: string;
let toNode: number;
let fromNode: number;
let channel: Channel;

/** Both ends are here: a pipe opened for reading and writing blocks on neither, and keeps what is written. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'channel-'));
  const pipes = [join(folder, 'in'), join(folder, 'out')];
  execFileSync('mkfifo', pipes);
  [toNode = -1, fromNode = -1] = pipes.map((pipe) => openSync(pipe, constants.O_RDWR));
  channel = new Channel(toNode, fromNode);
});
afterEach(() => {
  closeSync(toNode);
  closeSync(fromNode);
  rmSync(folder, { recursive: true });
});

function say(...messages: unknown[]): void {
  for (const message of messages) writeSync(toNode, `${JSON.stringify(message)}\n`);
}

function heard(): unknown[] {
  const buffer = Buffer.alloc(65_536);
  const text = buffer.toString('utf8', 0, readSync(fromNode, buffer));
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const refuse = (_: Order) => ({ failed: 'not now' });

/** No key of ours is called __proto__, which no reader of JSON here keeps. */
const values = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('"__proto__"'));

test('values of any kind come and go as they are', () => {
  fc.assert(
    fc.property(values, (value) => {
      const plain = JSON.parse(JSON.stringify(value));
      say({ answer: plain });
      expect(channel.call('set_data', ['wsgi.x', plain], refuse)).toEqual(plain);
      expect(heard()).toEqual([{ call: 'set_data', arguments: ['wsgi.x', plain] }]);
    }),
    { numRuns: 200 },
  );
});

test('a line that is longer than a pipe takes comes whole', () => {
  const long = 'é'.repeat(15_000);
  say({ answer: long }, { answer: 'next' });
  expect(channel.call('get_flags', [], refuse)).toBe(long);
  expect(channel.call('get_flags', [], refuse)).toBe('next');
});

test('an order that comes before the answer is carried out first', () => {
  say({ holds: 'wsgi.look', phase: 'other' }, { ask: 'restart' }, { answer: true });
  const orders: Order[] = [];
  const carryOut = (order: Order) => {
    orders.push(order);
    return { done: false };
  };
  expect(channel.call('set_flag', ['x', null], carryOut)).toBe(true);
  expect(orders).toEqual([{ holds: 'wsgi.look', phase: 'other' }, { ask: 'restart' }]);
  expect(heard()).toEqual([{ call: 'set_flag', arguments: ['x', null] }, { done: false }, { done: false }]);
});

test('what nobody may say is refused', () => {
  say({ run: 1 });
  expect(() => channel.receive()).toThrow();
});

test('the end of Python is the end of the hook', () => {
  const nothing = openSync('/dev/null', 'r');
  expect(() => new Channel(nothing, fromNode).receive()).toThrow(HookEnded);
  closeSync(nothing);
  expect(() => new Channel(toNode, nothing).send({ done: null })).toThrow(HookEnded);
});

test('the layer reads and writes what is its own in the store, and nothing else', () => {
  const calls: unknown[] = [];
  const data = new PythonData((...call) => {
    calls.push(call);
    return call[0] === 'data_keys' ? ['wsgi.b', 'wsgi.a', 'wsgi.made.x'] : [{ port: 80 }];
  });
  expect(data.get('wsgi.a')).toEqual({ port: 80 });
  expect(data.keys()).toEqual(['wsgi.a', 'wsgi.b', 'wsgi.made.x']);
  expect(data.keys('wsgi.made.')).toEqual(['wsgi.made.x']);
  expect(() => data.set('reactive.states.x', null)).toThrow(/not a key of the layer/);
  expect(calls).toEqual([
    ['get_data', 'wsgi.a'],
    ['data_keys', 'wsgi.'],
    ['data_keys', 'wsgi.'],
  ]);
});
