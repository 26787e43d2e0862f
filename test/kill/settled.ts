/** The end state of a unit once nothing is to come any more, and how two of them differ. */
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { sh } from '../setup/real-machines.ts';
import { page } from '../setup/wsgi-model.ts';
import { endState } from './end-state.ts';

/** Does at once what is to be done in a minute. */
const CLOSE_OLD_PORTS = `
  for timer in $(systemctl list-units --plain --no-legend 'gunicorn3-close-*.timer' | cut -d' ' -f1); do
    systemctl start "$(basename "$timer" .timer).service"
  done`;

/** What `wsgi/0` came to, once other hooks have come and an old port is closed. */
export async function settled(model: LocalModel): Promise<Record<string, string>> {
  const machine = await model.machine('0');
  await model.advance('6m');
  await sh(machine, CLOSE_OLD_PORTS);
  await model.advance('6m');
  const { ports } = model.state().units['wsgi/0'] ?? {};
  const port = ports?.[0]?.from;
  const shown = port === undefined ? '' : await page(model, '/', { port }).catch(({ cause }) => String(cause));
  return { ...(await endState(model)), page: shown };
}

/** A line for each thing that is not as it should be. */
export function compare(expected: Record<string, string>, found: Record<string, string>): string[] {
  const names = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...names]
    .filter((name) => expected[name] !== found[name])
    .map((name) => `  ${name}: ${found[name]?.slice(0, 1500)}\n    not ${expected[name]?.slice(0, 1500)}`);
}
