import { load } from 'js-yaml';
import { CharmError } from '../errors.ts';
import { layerModule } from '../layer/layer-module.ts';
import { contentOf, type Tree } from '../tree.ts';

/** @throws CharmError with a line for each mistake in the wsgi.yaml of a charm, which would block every unit of it */
export async function checkWsgiYaml(files: Tree): Promise<void> {
  const node = files.get('wsgi.yaml');
  if (node === undefined) return;
  const { wsgiYamlMistakes } = await layerModule();
  const mistakes = wsgiYamlMistakes(load(Buffer.from(await contentOf(node)).toString()));
  if (mistakes.length > 0) throw new CharmError(mistakes.map((mistake) => `wsgi.yaml: ${mistake}`).join('\n'));
}
