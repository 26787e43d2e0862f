import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCharm, run, state } from '../../../packages/charm-testing/index.ts';
import { authorCharm } from '../../../test/setup/author-charm.ts';

const HANDLERS = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { handler, hook } from 'layer-wsgi/reactive';

export const handlers = [
  handler('bring the shop', [hook('*')], ({ machine, flags }) => {
    mkdirSync(machine.path('/srv/shop'), { recursive: true });
    writeFileSync(machine.path('/srv/shop/wsgi.py'), 'application = None');
    flags.set('wsgi.source.available');
  }),
];
`;

test("blocked, with the file's name, by an author's template that fails where it runs", async () => {
  const folder = await authorCharm(HANDLERS);
  mkdirSync(join(folder, 'templates'));
  writeFileSync(join(folder, 'templates/gunicorn3.service.hbs'), '[Service]\nUser={{user.name}}\n');
  const after = await run(await loadCharm(folder), 'install', state());
  rmSync(folder, { recursive: true });
  expect(after.exitCode).toBe(0);
  expect(after.status).toEqual({
    status: 'blocked',
    message: expect.stringMatching(/^templates\/gunicorn3\.service\.hbs: .*\bname\b/),
  });
});
