import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromUnitNamePart, unitNamePart } from '../../system/unit-words.ts';
import { BadValue } from '../config/values.ts';
import { processInstance, processOf } from '../unit/process-unit.ts';
import { parseProcfile } from './procfile.ts';

describe('a Procfile', () => {
  it('names processes and their commands, whatever is in these', () => {
    const text = `\ufeff# what runs\r\nweb: gunicorn shop\r\n\r\nworker:  celery -A shop worker | tee "$HOME/a: b"  \nmy-odd.name/x:true`;
    expect([...parseProcfile(text)]).toEqual([
      ['web', 'gunicorn shop'],
      ['worker', 'celery -A shop worker | tee "$HOME/a: b"'],
      ['my-odd.name/x', 'true'],
    ]);
    expect(parseProcfile('').size).toBe(0);
  });

  it.each([
    ['worker: a\nPK\u0003', 'line 2 has no colon; NAME: COMMAND is right, such as worker: python worker.py'],
    ['\n{"worker": "a"}', 'line 2: "{\\"worker\\"" is not the name of a process'],
    ['my worker: a', 'line 1: "my worker" is not the name of a process'],
    [' worker: a', 'line 1: " worker" is not the name of a process'],
    ['worker:', 'line 1: worker has no command; worker: COMMAND is right'],
    ['worker: a\0b', 'line 1: the command of worker has a NUL character in it'],
    ['worker: a\n#\nworker: b', 'line 3: worker is in line 1 already; one of them is right'],
    [`${'ä'.repeat(64)}: a`, `line 1: "${'ä'.repeat(40)}..." is too long a name`],
  ])('that is none says which line: %j', (text, message) => {
    expect(() => parseProcfile(text)).toThrow(new BadValue(message));
  });

  it('shows nothing of a command, in which there may be a secret', () => {
    expect(() => parseProcfile('worker: a\nTOKEN=hunter2 run')).toThrow(/^(?!.*hunter2)/);
  });

  it('of any text is read, or refused by a sentence with the line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        try {
          parseProcfile(text);
        } catch (error) {
          expect(error).toBeInstanceOf(BadValue);
          expect(String(error)).toMatch(/^BadValue: line \d+/);
        }
      }),
    );
  });

  it('as it should be is read as it was written', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,30}$/);
    const command = fc.string({ minLength: 1 }).filter((text) => text.trim() === text && !/[\r\n\0]/.test(text));
    fc.assert(
      fc.property(fc.dictionary(name, command), (commands) => {
        const text = Object.entries(commands).map(([process, line]) => `${process}: ${line}\n`);
        expect(Object.fromEntries(parseProcfile(text.join('')))).toEqual({ ...commands });
      }),
    );
  });
});

describe('the name of a unit', () => {
  it.each([
    ['worker', 'wsgi-worker@2.service'],
    ['my-worker', 'wsgi-my\\x2dworker@2.service'],
    ['a/b', 'wsgi-a-b@2.service'],
    ['.x', 'wsgi-\\x2ex@2.service'],
    ['ä@b', 'wsgi-\\xc3\\xa4\\x40b@2.service'],
  ])('of %s is as systemd-escape writes it', (name, unit) => {
    expect(processInstance(name, 2)).toBe(unit);
    expect(processOf(unit)).toMatchObject({ name, kind: 'instance' });
  });

  it('goes there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        expect(fromUnitNamePart(unitNamePart(text))).toBe(text);
      }),
    );
  });

  it.each(['gunicorn3.service', 'wsgi.service', 'wsgi-a@b.timer', 'wsgi-a.socket'])('%s is of no process', (unit) => {
    expect(processOf(unit)).toBeUndefined();
  });
});
