/** A handler that throws: what log, status and action say. */
import { beforeAll, expect, test } from 'vitest';
import { action, type Charm, HookFailedError, loadCharm, run, state } from '../packages/charm-testing/index.ts';
import { authorCharm } from '../test/setup/author-charm.ts';

const HANDLERS = `import { action, handler, hook } from 'layer-wsgi/reactive';

interface Shelf {
  readonly books: { readonly length: number } | undefined;
}

function count(shelf: Shelf): number {
  if (shelf.books === undefined) throw new Error('no shelf at https://me:sesame@books/');
  return shelf.books.length;
}

export const handlers = [
  handler('shop.count', [hook('config-changed')], () => void count({ books: undefined })),
  handler('shop.fail', [action('fail')], () => void count({ books: undefined })),
  handler('shop.odd', [hook('start')], () => {
    throw 'no error at all';
  }),
];
`;
const SENTENCE = "handler 'shop.count' failed: no shelf at https://******@books/";

let charm: Charm;
beforeAll(async () => {
  charm = await loadCharm(await authorCharm(HANDLERS));
});

test('a handler that throws fails its hook; log and status name it, and the log its file and line', async () => {
  const failed = await run(charm, 'config-changed', state({ unit: 'shop/0' })).catch((error) => error);
  expect(failed).toBeInstanceOf(HookFailedError);
  expect(failed.outcome.log).toContainEqual({ level: 'ERROR', message: `${SENTENCE} (reactive/shop.ts:8)` });
  expect(failed.outcome.debug).toContain('  at reactive/shop.ts:13');
  expect(failed.outcome.status).toEqual({ status: 'blocked', message: SENTENCE });
  const after = await run(charm, 'update-status', failed.outcome);
  expect(after.status).toEqual({ status: 'waiting', message: 'no application yet: its code is not in /srv/shop' });
});

test('what is no error is named as well', async () => {
  const failed = await run(charm, 'start', state({ unit: 'shop/0' })).catch((error) => error);
  expect(failed.outcome.status.message).toBe("handler 'shop.odd' failed: no error at all");
});

test('an action fails with the same words, and the status of the unit stays', async () => {
  const after = await run(charm, action('fail'), state({ unit: 'shop/0' }));
  expect(after.action).toMatchObject({
    status: 'failed',
    message: "handler 'shop.fail' failed: no shelf at https://******@books/",
  });
  expect(after.status.status).toBe('unknown');
  expect(after.interrupted).toBe(true);
});
