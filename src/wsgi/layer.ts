/**
 * The layer's handlers. Events and flags only say *look again*: the handlers gather them and, once the handlers of the
 * charm's author have had their turn, compare what is wanted with what is served. Where both agree nothing is done.
 */
import { action, handler, hook, predicate, when, whenNot } from '../reactive/conditions.ts';
import type { Handler } from '../reactive/types.ts';
import type { WsgiApi } from './api.ts';
import { isUnchanged } from './memory/unchanged.ts';
import { resourceMayDiffer } from './source/resource-state.ts';

/** Set while the hook that runs has something to look at, and has not yet. */
const LOOK = 'wsgi.look';
/** Set while handlers of this hook may still change what is wanted. */
export const CONVERGE = 'wsgi.converge';
/** Set by whoever provides the source; may be set in every hook. */
const SOURCE = 'wsgi.source.available';

/** Hooks whose look ended before it came to the source, by a problem or because the unit leaves. The next hook tries again. */
const leftSource = new WeakSet<WsgiApi['juju']>();

export const layerHandlers: readonly Handler<WsgiApi>[] = [
  // Before handlers that look at flags, so that an author's on resources.build.available runs in the same hook.
  handler('wsgi.resource', [hook('*'), predicate('the build resource may differ', resourceMayDiffer)], async (api) => {
    const work = await api.loadWork();
    await work.takeBuildResource(api);
  }),

  handler('wsgi.look', [hook('*')], (api) => {
    if (!isUnchanged(api)) api.flags.set(LOOK);
  }),

  handler('wsgi.act', [action('*')], async (api) => {
    const work = await api.loadWork();
    if (await work.act(api)) api.flags.set(LOOK);
  }),

  // Runs a round after the author's handlers, so that a source or restart that they ask for is served in this hook.
  handler('wsgi.gather', [when(LOOK)], ({ flags }) => {
    flags.clear(LOOK);
    flags.set(CONVERGE);
  }),

  handler('wsgi.source', [when(SOURCE), whenNot(LOOK, CONVERGE)], (api) => {
    if (isUnchanged(api)) api.flags.clear(SOURCE);
    else if (!leftSource.has(api.juju)) api.flags.set(CONVERGE);
  }),

  handler('wsgi.converge', [when(CONVERGE)], async (api) => {
    api.flags.clear(CONVERGE);
    if (isUnchanged(api)) return;
    const work = await api.loadWork();
    await work.reconcile(api);
    if (api.flags.isSet(SOURCE)) leftSource.add(api.juju);
  }),
];

/** Flags of the layer for handlers of charms, and what each says. */
export const LAYER_FLAGS: Readonly<Record<string, string>> = {
  'wsgi.source.available':
    "Set by the charm's handlers, in every hook if they like: look at the code in application_root. Cleared once it was looked at",
  'wsgi.system.ready': 'The Debian packages are installed and the user is there',
  'wsgi.configured': 'All that the application needs was made at least once, or it serves',
  'wsgi.ready': 'All that is wanted is there: source, requirements, databases, environment',
  'wsgi.active': 'The service serves',
  'wsgi.available': 'The service serves; set after the status line of the layer, so that yours wins',
  'wsgi.process.changed':
    "The application's Python, environment file, user, group or folder is another one; a handler clears it",
  'website.available': 'A proxy is related by `website`',
  'resources.build.available':
    'The `build` resource is unpacked in application_root; cleared and set again for new content',
  'resources.build.missing': 'No `build` resource was attached',
};
