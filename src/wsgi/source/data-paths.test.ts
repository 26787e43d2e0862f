import { beforeAll, describe, expect, test } from 'vitest';
import { type Charm, loadCharm, type Outcome, run, type State, state } from '../../../packages/charm-testing/index.ts';

let charm: Charm;
beforeAll(async () => {
  charm = await loadCharm('.');
});

function install(data_paths: string, world: Partial<State> = {}): Promise<State> {
  return run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0, data_paths }, ...world }));
}

describe('the option data_paths', () => {
  test('links folders and files of the build to what all builds share', async () => {
    const after = await install('media, db.sqlite3 shop/data.db etc/conf.d');
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(after.links).toMatchObject({
      '/srv/r1/media': '/var/lib/wsgi/data/media',
      '/srv/r1/db.sqlite3': '/var/lib/wsgi/data/db.sqlite3',
      '/srv/r1/shop/data.db': '/var/lib/wsgi/data/shop/data.db',
      '/srv/r1/etc/conf.d': '/var/lib/wsgi/data/etc/conf.d',
    });
    expect(Object.keys(after.files).filter((path) => path.startsWith('/var/lib/wsgi/data/'))).toEqual([
      '/var/lib/wsgi/data/etc/conf.d/',
      '/var/lib/wsgi/data/media/',
      '/var/lib/wsgi/data/shop/',
    ]);
  });

  test('takes over a file and a folder that the build ships', async () => {
    const first = await install('');
    const files = { ...first.files, '/srv/r1/db.sqlite3': 'rows', '/srv/r1/media.old/a': 'picture' };
    const config = { ...first.config, data_paths: 'db.sqlite3 media.old' };
    const after = await run(charm, 'config-changed', state({ ...first, files, config }));
    expect(after.files).toMatchObject({
      '/var/lib/wsgi/data/db.sqlite3': 'rows',
      '/var/lib/wsgi/data/media.old/a': 'picture',
      '/srv/r1/db.sqlite3.shipped': 'rows',
    });
    expect(after.links).toMatchObject({ '/srv/r1/db.sqlite3': '/var/lib/wsgi/data/db.sqlite3' });
  });

  test('keeps what the application wrote when another build ships its own', async () => {
    const files = { '/var/lib/wsgi/data/db.sqlite3': 'written' };
    const first = await install('');
    const world = { ...first.files, ...files, '/srv/r1/db.sqlite3': 'shipped' };
    const config = { ...first.config, data_paths: 'db.sqlite3' };
    const after = await run(charm, 'config-changed', state({ ...first, files: world, config }));
    expect(after.files['/var/lib/wsgi/data/db.sqlite3']).toBe('written');
  });

  test.each([
    ['/media', 'data_paths: "/media" begins with a slash; a path within the application is right'],
    ['../media', 'data_paths: "../media" has .. in it; name the folder itself'],
  ])('refuses %s', async (data_paths, message) => {
    expect((await install(data_paths)).status).toEqual({ status: 'blocked', message });
  });
});

describe('a build that was written to', () => {
  const R2 = { build_label: 'r2' };

  async function takeNext(written: Record<string, string>, more: Record<string, string> = {}): Promise<Outcome> {
    const first = await install('');
    const files = { ...first.files, ...written };
    return run(charm, 'config-changed', state({ ...first, files, config: { ...first.config, ...R2, ...more } }));
  }

  test('is told of in the hook that takes the next one, with what belongs into data_paths', async () => {
    const second = await takeNext({
      '/srv/r1/app.db': 'rows',
      '/srv/r1/media/a.png': 'a',
      '/srv/r1/media/b.png': 'b',
      '/srv/r1/__pycache__/x.pyc': 'c',
    });
    const line = 'r1 wrote app.db, media: add them to data_paths';
    expect(second.status).toEqual({ status: 'active', message: `serving r2 on port 80; ${line}` });
    expect(second.log).toContainEqual(
      expect.objectContaining({ message: `${line}; what it wrote is in /srv/r1, and not in /srv/r2` }),
    );
    const config = { ...second.config, data_paths: 'app.db media' };
    const third = await run(charm, 'config-changed', state({ ...second, config }));
    expect(third.status).toEqual({ status: 'active', message: 'serving r2 on port 80' });
  });

  test('is not told of for caches, or for what was there before it served', async () => {
    const second = await takeNext({ '/srv/r1/__pycache__/x.pyc': 'c', '/srv/r1/.cache/y': 'd' });
    expect(second.status).toEqual({ status: 'active', message: 'serving r2 on port 80' });
  });
});
