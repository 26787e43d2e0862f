/** A charm as an author begins it: the layer, one option, and handlers. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Writes the sources of a charm called `shop`, whose option `mode` its handlers may look at.
 *
 * @param handlers the text of reactive/shop.ts
 * @returns the folder
 */
export async function authorCharm(handlers: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-author-'));
  const files = {
    'metadata.yaml': 'name: shop\nsummary: A shop\ndescription: A shop.\n',
    'layer.yaml': 'includes: [layer:wsgi]\n',
    'config.yaml': 'options:\n  mode: {type: string, default: "", description: What the handlers are to do.}\n',
    'actions.yaml': 'fail: {description: Fails.}\n',
    'wsgi.yaml': 'application_root: /srv/shop\nusername: shop\n',
    'reactive/shop.ts': handlers,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
