/** Refuses worlds that Juju could not bring about: a test of one proves nothing. */
import type { CharmMeta } from './charm.ts';
import { configMistakes } from './consistency-config.ts';
import { eventMistakes } from './consistency-event.ts';
import { relationMistakes } from './consistency-relation.ts';
import { unitMistakes } from './consistency-unit.ts';
import type { Event } from './event.ts';
import type { State } from './state.ts';

/** The state or the event is one that Juju never makes. Each line says what would be right. */
export class InconsistentStateError extends Error {
  override readonly name = 'InconsistentStateError';
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(mistakes.join('\n'));
    this.mistakes = mistakes;
  }
}

/** @throws InconsistentStateError with a sentence for every mistake */
export function checkConsistency(meta: CharmMeta, event: Event, state: State): void {
  const mistakes = [
    ...unitMistakes(meta, state),
    ...configMistakes(meta, state),
    ...relationMistakes(meta, state),
    ...eventMistakes(meta, event, state),
  ];
  if (mistakes.length > 0) throw new InconsistentStateError(mistakes);
}
