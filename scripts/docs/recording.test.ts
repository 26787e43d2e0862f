import { expect, test } from 'vitest';
import { recordingSvg } from './recording.ts';

test('each line comes when it came, and no pause takes longer than a viewer waits', () => {
  const svg = recordingSvg('npm start', [
    { at: 300, text: 'Building <the charm> & more' },
    { at: 60_300, text: 'done' },
  ]);
  const lines = [...svg.matchAll(/animation-delay:(\d+)ms">([^<]*)</g)].map(([, at, text]) => [Number(at), text]);
  expect(lines).toEqual([
    [0, '$ npm start'],
    [300, 'Building &lt;the charm&gt; &amp; more'],
    [1500, 'done'],
  ]);
});
