/** What this charm does besides what layer:wsgi does for it. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import type { WsgiApi } from 'layer-wsgi';
import { typed } from 'layer-wsgi/reactive';
import type { Charm } from '../charm.d.ts';

// Only names that this charm has compile; `npm run check` looks, and brings charm.d.ts up to date with the YAML.
const { handler, hook, when } = typed<Charm, WsgiApi>();

/** application_root of wsgi.yaml. */
const ROOT = '/srv/my-charm';

export const handlers = [
  // The application comes with the charm. The layer restarts it only when it is not what is served already.
  handler('put the application in place', [hook('*')], ({ machine, charmDir, flags }) => {
    cpSync(join(charmDir, 'app'), machine.path(ROOT), { recursive: true, dereference: true });
    flags.set('wsgi.source.available');
  }),

  handler('pass the greeting on', [hook('*')], ({ juju, wsgi }) => {
    wsgi.setEnvironment('GREETING', juju.config().greeting);
  }),

  handler('say what is served', [when('wsgi.available')], ({ juju }) => {
    juju.setStatus('active', `Saying ${juju.config().greeting}`);
  }),
];
