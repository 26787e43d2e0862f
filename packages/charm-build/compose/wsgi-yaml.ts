import { load } from 'js-yaml';
import { parseWsgiYaml } from '../../../src/wsgi/config/wsgi-yaml.ts';
import { CharmError } from '../errors.ts';
import { contentOf, type Tree } from '../tree.ts';

/** @throws CharmError with a line for each mistake in the wsgi.yaml of a charm, which would block every unit of it */
export async function checkWsgiYaml(files: Tree): Promise<void> {
  const node = files.get('wsgi.yaml');
  if (node === undefined) return;
  const result = parseWsgiYaml(load(Buffer.from(await contentOf(node)).toString()));
  if (!result.ok) throw new CharmError(result.problems.map((problem) => `wsgi.yaml: ${problem}`).join('\n'));
}
