/** Templates of an author in place of the layer's, looked at when the charm is made: a mistake would block every unit. */
import { readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import Handlebars from 'handlebars';
import { CharmError } from '../errors.ts';
import { contentOf, type Node, type Tree } from '../tree.ts';

/** What Handlebars itself knows in every template. */
const BUILT_IN: ReadonlySet<string> = new Set(['if', 'unless', 'each', 'with', 'lookup', 'log', 'this']);

interface Name {
  readonly name: string;
  readonly line: number;
}

/** Collects every name that a template uses. */
class Names extends Handlebars.Visitor {
  readonly found: Name[] = [];

  override PathExpression(path: hbs.AST.PathExpression): void {
    const [name] = path.parts;
    if (name !== undefined && !path.data && !BUILT_IN.has(name)) this.found.push({ name, line: path.loc.start.line });
  }

  override PartialStatement(partial: hbs.AST.PartialStatement): void {
    this.found.push({ name: '>', line: partial.loc.start.line });
  }
}

/**
 * @param project the folder of the package, whose templates may be replaced
 * @throws CharmError with a line for each syntax error, each name that the layer's template does not have, and each file that
 * replaces none of the layer's
 */
export async function checkTemplates(files: Tree, charm: string, project: string): Promise<void> {
  const ours = join(project, 'templates');
  const names = (await readdir(ours)).filter((name) => name.endsWith('.hbs'));
  const mistakes: string[] = [];
  for (const [path, node] of files) {
    if (!/^templates\/[^/]+\.hbs$/.test(path) || (node.kind === 'copy' && node.from.startsWith(`${ours}/`))) continue;
    const file = nameOf(path, node, charm);
    if (!names.includes(basename(path))) {
      mistakes.push(`${file}: replaces no template of the layer, which has ${names.join(', ')}`);
      continue;
    }
    const text = await textOf(node);
    const known = await namesOf(ours, basename(path));
    mistakes.push(...mistakesIn(text, known).map((mistake) => `${file}${mistake}`));
  }
  if (mistakes.length > 0) throw new CharmError(mistakes.join('\n'));
}

/** The names that a template of the layer is given; where it has `confinement`, the words of these settings too. */
async function namesOf(ours: string, template: string): Promise<ReadonlySet<string>> {
  const text = await textOf({ kind: 'copy', from: join(ours, template), executable: false });
  const names = new Set(namesIn(text).map(({ name }) => name));
  return names.has('confinement') ? new Set([...names, ...(await namesOf(ours, 'confinement.hbs'))]) : names;
}

function mistakesIn(text: string, known: ReadonlySet<string>): string[] {
  try {
    // Parsing alone passes helpers over that are not there.
    return namesIn(text)
      .filter(({ name }) => !known.has(name))
      .map(({ name, line }) =>
        name === '>'
          ? `:${line}: has a partial, and there are none`
          : `:${line}: {{${name}}} is not given to this template; it has ${[...known].toSorted().join(', ')}`,
      );
  } catch (error) {
    const [first = '', ...lines] = (error instanceof Error ? error.message : String(error)).split('\n');
    const line = /on line (\d+)/.exec(first)?.[1] ?? / - (\d+):\d+$/.exec(first)?.[1] ?? '1';
    const what = lines.findLast((each) => each.trim() !== '')?.trim();
    return [`:${line}: ${what ?? first}`];
  }
}

function namesIn(text: string): readonly Name[] {
  const names = new Names();
  names.accept(Handlebars.parse(text));
  return names.found;
}

async function textOf(node: Node): Promise<string> {
  return Buffer.from(await contentOf(node)).toString();
}

/** The author's file, from the folder of the charm where it lies there. */
function nameOf(path: string, node: Node, charm: string): string {
  if (node.kind !== 'copy') return path;
  const inCharm = relative(charm, node.from);
  return inCharm.startsWith('..') ? node.from : inCharm;
}
