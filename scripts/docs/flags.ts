/** The layer's flags and handlers, as they were seen to hang together in hooks that really ran. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { handlers as authorHandlers } from '../../packages/charm-build/skeleton/reactive/my-charm.ts';
import { action, loadCharm, run, state } from '../../packages/charm-testing/index.ts';
import { type Diagram, diagramOf } from '../../src/reactive/diagram.ts';
import type { TraceEntry } from '../../src/reactive/trace.ts';
import { LAYER_FLAGS, layerHandlers } from '../../src/wsgi/layer.ts';
import { code, page, table } from './text.ts';

/** Flags that one hook sets and clears again. */
const WITHIN: Readonly<Record<string, string>> = {
  'wsgi.look': 'This hook has not looked at the world yet',
  'wsgi.converge':
    'What is wanted is to be compared with what is served, once the handlers of others have had their turn',
};

export function flagsPage(): string {
  const rows = (flags: Readonly<Record<string, string>>) =>
    Object.entries(flags).map(([flag, meaning]) => [code(flag), meaning]);
  return page(
    'Flags',
    'src/wsgi, which is searched for flags that are missing here',
    '## Of the layer',
    table(['flag', 'while it is set'], rows(LAYER_FLAGS)),
    'Within one hook:',
    table(['flag', 'while it is set'], rows(WITHIN)),
    '## Of the engine',
    'As in charms.reactive, which calls them managed flags.',
    table(
      ['flag', 'while it is set'],
      [
        [code('config.changed'), 'An option differs from what it was in the hook before'],
        [code('config.changed.OPTION'), 'That option does'],
        [code('config.set.OPTION'), 'The option has a value other than false, 0 and the empty text'],
        [code('config.default.OPTION'), 'The option has its default'],
        [code('leadership.is_leader'), 'The unit is the leader'],
        [code('leadership.set.KEY'), 'leader-set holds the key'],
        [code('leadership.changed.KEY'), 'The value of that key differs from the hook before'],
        [code('endpoint.NAME.joined'), 'The endpoint has a remote unit'],
        [code('endpoint.NAME.changed'), 'Data of a remote unit changed; a handler clears it'],
        [code('endpoint.NAME.changed.KEY'), 'That key changed; a handler clears it'],
        [code('endpoint.NAME.departed'), 'A remote unit has left; a handler clears it'],
        [code('upgrade.series.in-progress'), 'Between pre-series-upgrade and post-series-upgrade'],
      ],
    ),
    'The handlers that look at them are drawn in [The engine](../explanation/engine.md).',
  );
}

/** Flags that the layer's code names and this page does not, and the other way round. */
export function undescribedFlags(): string[] {
  const described = new Set([...Object.keys(LAYER_FLAGS), ...Object.keys(WITHIN)]);
  const named = new Set(
    globSync('src/wsgi/**/*.ts', { cwd: PROJECT, exclude: (path) => path.endsWith('.test.ts') })
      .flatMap((path) => [
        ...readFileSync(join(PROJECT, path), 'utf8').matchAll(
          /flags\.(?:set|clear|toggle|isSet)\(\s*'([^']+)'|^(?:export )?const [A-Z]+ = '(wsgi\.(?:look|converge|source\.available)|resources\.[\w.]+)'/gm,
        ),
      ])
      .map((match) => match[1] ?? match[2] ?? ''),
  );
  return [...named].filter((flag) => !described.has(flag)).concat([...described].filter((flag) => !named.has(flag)));
}

/** The layer's handlers with those of the charm that `wsgi-charm init` makes. */
export async function layerDiagram(): Promise<Diagram> {
  return diagramOf([...layerHandlers, ...authorHandlers], [], await seen());
}

/** What handlers did to flags in the life of a unit. */
async function seen(): Promise<TraceEntry[]> {
  const composed = await loadCharm(join(PROJECT, 'packages/charm-build/skeleton'));
  const charm: typeof composed = {
    ...composed,
    hook: (io) => composed.hook({ ...io, env: { ...io.env, REACTIVE_TRACE: '1' } }),
  };
  const installed = await run(charm, 'install', state());
  const restarted = await run(charm, action('restart'), installed);
  const stopped = await run(charm, 'stop', { ...restarted, config: { greeting: 'Hej' } });
  return [installed, restarted, stopped].flatMap(({ debug }) => reported(debug));
}

/** Reads a report of {@link Trace}. */
function reported(lines: readonly string[]): TraceEntry[] {
  let by: string | undefined;
  return lines.flatMap((text) =>
    text.split('\n').flatMap((line): TraceEntry[] => {
      const ran = /^ +(.+) ran$/.exec(line)?.[1];
      if (ran !== undefined) by = ran;
      const [, flag, verb] = /^ +(\S+) (set|cleared)$/.exec(line) ?? [];
      return by === undefined || flag === undefined ? [] : [{ what: 'flag', flag, set: verb === 'set', by }];
    }),
  );
}
