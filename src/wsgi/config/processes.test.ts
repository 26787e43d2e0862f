import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { processCounts, processSchedules } from './processes.ts';
import { BadValue } from './values.ts';

describe('processes', () => {
  it('says how many of each run', () => {
    expect([...processCounts('  worker=2\n mailer=0 my.odd-name=1')]).toEqual([
      ['worker', 2],
      ['mailer', 0],
      ['my.odd-name', 1],
    ]);
    expect(processCounts('').size).toBe(0);
  });

  it.each([
    ['worker', '"worker" is not NAME=VALUE such as worker=2'],
    ['worker = 2', '"worker" is not NAME=VALUE such as worker=2'],
    ['=2', '"" is not the name of a process, as in worker=2'],
    ['worker=two', 'worker="two" is not a number in range; worker=0 to worker=100 is right'],
    ['worker=-1', 'worker="-1" is not a number in range; worker=0 to worker=100 is right'],
    ['worker=101', 'worker="101" is not a number in range; worker=0 to worker=100 is right'],
    ['worker=1 worker=2', 'worker is there twice; once is right'],
    ['beat=2', 'beat=2: a scheduler runs once in all units; beat=0 or beat=1 is right'],
    ['web=2', 'web is gunicorn, which the option workers is for; leave it out'],
    ['release=0', 'release runs once for each release; leave it out'],
  ])('refuses %j', (text, message) => {
    expect(() => processCounts(text)).toThrow(new BadValue(message));
  });
});

describe('schedules', () => {
  it('says when each runs, with quotes around what has spaces', () => {
    expect([...processSchedules(`cleanup=daily report="Mon *-*-* 06:00" sync='*:0/5'`)]).toEqual([
      ['cleanup', 'daily'],
      ['report', 'Mon *-*-* 06:00'],
      ['sync', '*:0/5'],
    ]);
  });

  it.each([
    ['cleanup=', 'cleanup has no times; cleanup=daily is right'],
    ['cleanup="daily', '"cleanup=\\"daily" is not NAME=VALUE such as cleanup=daily'],
    ['report=Mon 06:00', '"06:00" is not NAME=VALUE such as cleanup=daily'],
  ])('refuses %j', (text, message) => {
    expect(() => processSchedules(text)).toThrow(new BadValue(message));
  });
});

const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/).filter((text) => text !== 'web' && text !== 'release');

it('reads whatever is written as it should be, and throws nothing but a sentence', () => {
  fc.assert(
    fc.property(fc.dictionary(name, fc.stringMatching(/^[A-Za-z0-9*:/ -]*[a-z0-9]$/)), (times) => {
      const text = Object.entries(times).map(([process, when]) => `${process}="${when}"`);
      expect(Object.fromEntries(processSchedules(text.join('\n')))).toEqual({ ...times });
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      for (const read of [processCounts, processSchedules]) {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(BadValue);
        }
      }
    }),
  );
});
