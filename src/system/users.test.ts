import { afterEach, beforeEach, expect, test } from 'vitest';
import { createScriptedMachine, type ScriptedMachine } from './programs.fixture.ts';
import { ensureGroup, ensureUser, lookUpGroup, lookUpUser } from './users.ts';

let scripted: ScriptedMachine;
beforeEach(() => {
  scripted = createScriptedMachine();
  scripted.program('getent', 'grep "^$2:" "$WSGI_ROOT/$1" 2>/dev/null || exit 2');
  scripted.program('groupadd', 'ran "$@"; echo "$2:x:900:" >>"$WSGI_ROOT/group"');
  scripted.program('useradd', 'ran "$@"; echo "$9:x:900:900::$8:/x" >>"$WSGI_ROOT/passwd"');
  scripted.program('usermod', 'ran "$@"; sed -i "s/^$3:.*/&$4/" "$WSGI_ROOT/group"');
});
afterEach(() => scripted.remove());

test('a system user is made once, with a group and no way to log in', async () => {
  expect(await ensureUser(scripted.machine, 'wsgi', { home: '/var/lib/wsgi' })).toBe(true);
  expect(await ensureUser(scripted.machine, 'wsgi', { home: '/var/lib/wsgi' })).toBe(false);
  expect(scripted.ran()).toEqual([
    'groupadd --system wsgi',
    `useradd --system --no-create-home --shell /usr/sbin/nologin --gid wsgi --home-dir ${scripted.root}/var/lib/wsgi wsgi`,
  ]);
});

test('a user that is there stays as it is', async () => {
  await ensureUser(scripted.machine, 'www-data', { home: '/var/www' });
  expect(await ensureUser(scripted.machine, 'www-data', { home: '/elsewhere' })).toBe(false);
  const home = `${scripted.root}/var/www`;
  expect(await lookUpUser(scripted.machine, 'www-data')).toEqual({
    name: 'www-data',
    uid: 900,
    gid: 900,
    home,
    shell: '/x',
  });
});

test('another group is joined, once', async () => {
  await ensureUser(scripted.machine, 'wsgi', { home: '/' });
  scripted.program('groupadd', 'ran "$@"; echo "$2:x:901:" >>"$WSGI_ROOT/group"');
  expect(await ensureUser(scripted.machine, 'wsgi', { home: '/', group: 'shared' })).toBe(true);
  expect(await lookUpGroup(scripted.machine, 'shared')).toEqual({ name: 'shared', gid: 901, members: ['wsgi'] });
  expect(await ensureUser(scripted.machine, 'wsgi', { home: '/', group: 'shared' })).toBe(false);
});

test.each(['', 'Wsgi', '-x', 'a b', 'a:b', '../x', '0', 'root\n', 'x'.repeat(33)])('%j is no name', async (name) => {
  await expect(ensureUser(scripted.machine, name, { home: '/' })).rejects.toThrow('cannot be the name');
  await expect(ensureGroup(scripted.machine, name)).rejects.toThrow('cannot be the name');
  expect(await lookUpUser(scripted.machine, name)).toBeUndefined();
  expect(scripted.ran()).toEqual([]);
});

test('a failing useradd is told in its own words', async () => {
  scripted.program('useradd', 'echo "useradd: cannot lock /etc/passwd; try again later." >&2; exit 1');
  await expect(ensureUser(scripted.machine, 'wsgi', { home: '/' })).rejects.toThrow(
    'useradd wsgi failed: useradd: cannot lock /etc/passwd; try again later.',
  );
});
