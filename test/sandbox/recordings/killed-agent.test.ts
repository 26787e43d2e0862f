import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { LocalModel } from '../../../packages/local-juju/local-model.ts';
import { readRecording } from './recording.ts';
import { Stage } from './stage.ts';

/** Where scenario 3 steers a hook to sleep after two writes; its agent is killed meanwhile. */
const STEERED = 80;

test('a hook whose agent is killed runs again, and what it had written is lost', async () => {
  const recorded = readRecording('03-failures');
  const steer = recorded.find((line) => line.kind === 'steer' && line.n === STEERED);
  if (steer?.kind !== 'steer') throw new Error('the recording has no such line');
  const stage = await Stage.open();
  try {
    await stage.run(['deploy', `${stage.files}/recb.charm`, 'bob']);
    const lines = steer.lines.map((line) => line.replace('relation-ids serve', 'relation-ids mesh'));
    stage.steer('bob', steer.hook, lines);
    stage.events();

    const kill = new AbortController();
    const agent = LocalModel.open(stage.model.dir, { signal: kill.signal });
    const command = agent.config('bob', { s: 'agentkill' });
    const log = join(stage.root('0'), 'var/tmp/rec/log.jsonl');
    const sleeps = () => existsSync(log) && readFileSync(log, 'utf8').includes('"k": "sleep"');
    await vi.waitUntil(sleeps, { timeout: 60_000 });
    kill.abort();
    await command;
    expect(stage.events().map(({ ev, exit }) => [ev, exit])).toEqual([['config-changed', undefined]]);

    await stage.model.settle();
    const [, again] = recorded.flatMap((line) =>
      line.kind === 'hook' && line.n > STEERED && line.event.unit === 'ann/0' ? [line.event] : [],
    );
    const [ours] = stage.events();
    for (const { ev, tools, exit } of [again, ours].flatMap((event) => event ?? [])) {
      expect([ev, tools['config-get'], tools['opened-ports'], exit]).toEqual([
        'config-changed',
        expect.objectContaining({ s: 'agentkill' }),
        [],
        0,
      ]);
    }
    const kept = await stage.run(['exec', '--unit', 'bob/0', '--', 'relation-get -r $(relation-ids mesh) - bob/0']);
    expect(kept.out).not.toContain('agentkilled');
  } finally {
    await stage.close();
  }
}, 300_000);
