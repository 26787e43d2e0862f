import fc from 'fast-check';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import ownFile from '../../../wsgi.yaml';
import { parseWsgiYaml } from './wsgi-yaml.ts';

const defaults = { application_root: '/srv', username: 'wsgi', data_paths: [] };

test.each<[unknown, object]>([
  [undefined, defaults],
  [null, defaults],
  [{}, defaults],
  [ownFile, defaults],
  [
    { application_root: '/opt/shop/', username: 'shop' },
    { application_root: '/opt/shop', username: 'shop', data_paths: [] },
  ],
  [{ data_paths: ['media', 'var//uploads/'] }, { ...defaults, data_paths: ['media', 'var/uploads'] }],
])('%j', (data, settings) => expect(parseWsgiYaml(data)).toEqual({ ok: true, settings }));

describe('each mistake has its sentence', () => {
  test.each([
    ['application_root: srv', 'application_root: "srv" does not begin with a slash; a path such as /srv is right'],
    [
      'application_root: /',
      'application_root: "/" belongs to the system; a folder of its own such as /srv or /opt/shop is right',
    ],
    [
      'application_root: /usr/lib',
      'application_root: "/usr/lib" belongs to the system; a folder of its own such as /srv or /opt/shop is right',
    ],
    [
      'application_root: /tmp/app',
      'application_root: "/tmp/app" belongs to the system; a folder of its own such as /srv or /opt/shop is right',
    ],
    ['application_root: /srv/../etc', 'application_root: "/srv/../etc" has .. in it; name the folder itself'],
    ['application_root: 5', 'application_root: 5 is not a path'],
    ['username: root', 'username: "root" may do everything; a user of its own such as wsgi is right'],
    [
      'username: Web Server',
      'username: "Web Server" is not a user name; a lower-case letter, then letters, digits, _ and -, at most 32, are right',
    ],
    ['data_paths: media', 'data_paths: "media" is not a list of paths'],
    ['data_paths: [/media]', 'data_paths: "/media" begins with a slash; a path within the application is right'],
    ['data_paths: [../media]', 'data_paths: "../media" has .. in it; name the folder itself'],
    ['data_paths: [.]', 'data_paths: "." is the application itself; a path within it is right'],
    ['data_paths: [""]', 'data_paths: has an empty path; a folder within the application such as media is right'],
    ['data_paths: [{a: b}]', 'data_paths: what is there is not a path'],
    ['user: x', '"user" means nothing here; application_root, username and data_paths are right'],
    ['- a', 'is not a mapping; lines such as "username: wsgi" are right'],
  ])('%j', (text, sentence) => expect(parseWsgiYaml(load(text))).toEqual({ ok: false, problems: [sentence] }));

  test('all of them at once', () => {
    const result = parseWsgiYaml({ application_root: 'x', username: 'X' });
    expect(result.ok ? [] : result.problems).toHaveLength(2);
  });
});

test('anything is read or refused', () => {
  fc.assert(
    fc.property(fc.anything(), (data) => {
      const result = parseWsgiYaml(data);
      expect(result.ok || result.problems.length > 0).toBe(true);
    }),
  );
});
