import { expect, test } from 'vitest';
import { staticFolders } from './static-files.ts';

test('folders by the beginnings of their URLs', () => {
  expect(staticFolders('/static/=staticfiles  /media/img/=./var/img/')).toEqual([
    { prefix: '/static/', folder: 'staticfiles' },
    { prefix: '/media/img/', folder: 'var/img' },
  ]);
  expect(staticFolders('')).toEqual([]);
});

test.each([
  ['static', '"static" is not PREFIX=FOLDER; /static/=staticfiles is right'],
  ['/static/=a=b', '"/static/=a=b" is not PREFIX=FOLDER; /static/=staticfiles is right'],
  ['static/=a', '"static/" is not the beginning of a path, with a slash at both ends; /static/ is right'],
  ['/static=a', '"/static" is not the beginning of a path, with a slash at both ends; /static/ is right'],
  ['/../=a', '"/../" is not the beginning of a path, with a slash at both ends; /static/ is right'],
  ['/static/=', '"/static/=" names no folder; /static/=staticfiles is right'],
  ['/static/=../x', '"../x" has .. in it; name the folder itself'],
  ['/a/=b /a/=c', '/a/ is given twice; name one folder for it'],
])('%s is refused', (text, message) => {
  expect(() => staticFolders(text)).toThrow(message);
});
