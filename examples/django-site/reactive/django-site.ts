/** A Django project that comes with its charm, and reads a file that the charm writes. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { WsgiApi } from 'layer-wsgi';
import { anyFileChanged, handler, hook } from 'layer-wsgi/reactive';

/** application_root of wsgi.yaml. */
const ROOT = '/srv/django-site';
/** What mysite/settings.py reads when the application starts. */
const SITE_FILE = '/etc/django-site/site.json';

export const handlers = [
  // Set in every hook: the layer looks whether the source is another, and does nothing where it is not.
  handler<WsgiApi>('put the project in place', [hook('*')], ({ machine, charmDir, flags }) => {
    cpSync(join(charmDir, 'app'), machine.path(ROOT), { recursive: true, dereference: true });
    flags.set('wsgi.source.available');
  }),

  handler<WsgiApi>('write the site file', [hook('install', 'config-changed', 'upgrade-charm')], (api) => {
    const { data, juju, machine, wsgi } = api;
    const file = machine.path(SITE_FILE);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify({ announcement: juju.config().announcement })}\n`);
    wsgi.setEnvironment('SITE_FILE', file);
    // The digest is kept with the flags: a hook that fails forgets it, and the next one asks for the restart again.
    if (anyFileChanged(data, [file])) wsgi.restart();
  }),
];
