/** `npm run build`: the charm directory dist/charm, which Juju could deploy as it is. Takes `wsgi-charm build`'s options. */
import { makeCharm } from './lib/make-charm.ts';

await makeCharm('build');
