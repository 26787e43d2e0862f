/** Plays recordings one after another on one model and holds what its hooks saw against what was recorded. */

import { type Allowance, Comparison } from './compare.ts';
import type { Line } from './recording.ts';
import { readRecording } from './recording.ts';
import { type PlayOptions, play } from './replay.ts';
import { Stage } from './stage.ts';

export interface Scenario extends PlayOptions {
  readonly recording: string;
  /** Lines of the recording that are played; all unless given. */
  readonly lines?: (line: Line) => boolean;
  readonly allow?: Allowance;
}

export interface Held {
  readonly differences: readonly string[];
  readonly compared: Comparison['compared'];
}

export async function hold(prepare: (stage: Stage) => Promise<void>, scenarios: readonly Scenario[]): Promise<Held[]> {
  const stage = await Stage.open();
  try {
    await prepare(stage);
    const held: Held[] = [];
    for (const { recording, lines, allow } of scenarios) {
      const comparison = new Comparison(allow);
      const played = readRecording(recording).filter((line) => lines?.(line) !== false);
      await play(stage, played, {
        ghosts: allow?.ghosts,
        onSegment: (segment) => comparison.segment(segment, stage),
      });
      held.push({ differences: comparison.differences, compared: comparison.compared });
    }
    return held;
  } finally {
    await stage.close();
  }
}
