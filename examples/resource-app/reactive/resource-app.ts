/** The application is what the operator attaches: the layer unpacks it, the charm says that it is to be served. */
import type { WsgiApi } from 'layer-wsgi';
import { handler, when } from 'layer-wsgi/reactive';

export const handlers = [
  // True in every hook from the first archive on; the layer looks whether the source is another.
  handler<WsgiApi>('serve the build', [when('resources.build.available')], ({ flags }) => {
    flags.set('wsgi.source.available');
  }),
];
