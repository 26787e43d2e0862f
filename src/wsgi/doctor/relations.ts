/** Who is related, and what the application has from each. */
import type { WsgiApi } from '../api.ts';
import { readLastServed } from '../memory/last-served.ts';
import { observe } from '../relations/databags.ts';
import { RELATIONS } from '../relations/table.ts';

/** One line a relation, with the names of its variables. */
export function relationLines(api: WsgiApi): string[] {
  const answers = [...readLastServed(api).answers.values()];
  return Object.entries(observe(api.juju, RELATIONS)).flatMap(([endpoint, related]) =>
    related.map(({ id }) => {
      const app = api.juju.relationApp(id) ?? 'nobody';
      const units = api.juju.relationUnits(id).length;
      const answer = answers.find(({ relation }) => relation === id);
      const names = Object.keys(answer?.variables ?? {});
      const nothing =
        RELATIONS[endpoint as keyof typeof RELATIONS].kind === 'giving' ? '; gives nothing usable yet' : '';
      return `${id}: ${app}, ${units} unit${units === 1 ? '' : 's'}${answer === undefined ? nothing : `; gives ${names.join(', ')}`}`;
    }),
  );
}
