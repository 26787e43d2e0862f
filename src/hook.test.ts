/** What a charm without a hook for an event has to do without it. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCharm, type Outcome, run, state } from '../packages/charm-testing/index.ts';

const SECRET = { id: '9m4e2mr0ui3e8a215n4g', owner: 'db' };
const RELATION = {
  id: 'postgresql:1',
  remoteApp: 'db',
  remoteUnits: { 'db/0': {} },
  remoteAppData: { database: 'wsgi', endpoints: '10.1.1.1:5432', 'secret-user': `secret:${SECRET.id}` },
};
const content = (password: string) => ({ username: 'me', password });
const urlIn = ({ services }: Outcome) => services['gunicorn3.service']?.environment?.DATABASE_URL;

test('a secret that changed is read in the next hook where no hook tells of it, and where one does only then', async () => {
  const charm = await loadCharm('.');
  const folder = join(mkdtempSync(join(tmpdir(), 'deaf-')), 'charm');
  cpSync(charm.dir, folder, { recursive: true });
  rmSync(join(folder, 'hooks/secret-changed'));
  const urls: (string | undefined)[] = [];
  for (const each of [charm, { ...charm, dir: folder }]) {
    const secret = { ...SECRET, content: content('one') };
    const before = await run(each, 'install', state({ unit: 'wsgi/0', relations: [RELATION], secrets: [secret] }));
    expect(urlIn(before)).toBe('postgresql://me:one@10.1.1.1:5432/wsgi');
    const [told] = before.secrets;
    if (told === undefined) throw new Error('the secret is gone');
    const rotated = { ...told, revisions: [content('one'), content('two')] } as const;
    urls.push(urlIn(await run(each, 'config-changed', { ...before, secrets: [rotated] })));
  }
  expect(urls).toEqual(['one', 'two'].map((password) => `postgresql://me:${password}@10.1.1.1:5432/wsgi`));
});
