/** What this charm does besides what layer:wsgi does for it. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { WsgiApi } from 'layer-wsgi';
import { handler, hook, when } from 'layer-wsgi/reactive';

/** application_root of wsgi.yaml. */
const ROOT = '/srv/my-charm';

export const handlers = [
  // The application comes with the charm. The layer restarts it only when it is not what is served already.
  handler<WsgiApi>('put the application in place', [hook('*')], ({ machine, charmDir, flags }) => {
    cpSync(join(charmDir, 'app'), machine.path(ROOT), { recursive: true, dereference: true });
    flags.set('wsgi.source.available');
  }),

  handler<WsgiApi>('pass the greeting on', [hook('*')], ({ juju, wsgi }) => {
    wsgi.setEnvironment('GREETING', String(juju.config().greeting));
  }),

  handler<WsgiApi>('say what is served', [when('wsgi.available')], ({ juju }) => {
    juju.setStatus('active', `Saying ${juju.config().greeting}`);
  }),
];
