import { load } from 'js-yaml';
import { parseWsgiYaml } from '../../wsgi/wsgi-yaml.ts';
import { CharmError } from '../errors.ts';
import { contentOf, type Tree } from '../tree.ts';

/** @throws CharmError with a line for each mistake in the wsgi.yaml of a charm, which would block every unit of it */
export async function checkWsgiYaml(files: Tree): Promise<void> {
  const node = files.get('wsgi.yaml');
  if (node === undefined) return;
  const { problems } = parseWsgiYaml(load(Buffer.from(await contentOf(node)).toString()));
  if (problems.length > 0) throw new CharmError(problems.map((problem) => `wsgi.yaml: ${problem}`).join('\n'));
}
