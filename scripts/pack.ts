/** `npm run pack`: dist/wsgi_ARCHITECTURE.charm. Takes `wsgi-charm pack`'s options, such as `-- --arch arm64`. */
import { makeCharm } from './lib/make-charm.ts';

await makeCharm('pack');
