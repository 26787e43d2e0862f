import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { toMermaid } from '../../src/reactive/diagram.ts';
import { apiPage } from './api.ts';
import { dashboardSvg } from './dashboard.ts';
import { actionsPage, optionsPage, relationsPage } from './declarations.ts';
import { flagsPage, layerDiagram } from './flags.ts';
import { roomsSvg } from './rooms.ts';
import { toSvg } from './svg.ts';
import { commandsPage, localPage } from './verbs.ts';

/** Every file of docs/ that is made from code, by its path there. */
export async function generated(): Promise<ReadonlyMap<string, string>> {
  const diagram = await layerDiagram();
  return new Map([
    ['reference/options.md', await optionsPage()],
    ['reference/actions.md', await actionsPage()],
    ['reference/relations.md', await relationsPage()],
    ['reference/flags.md', flagsPage()],
    ['reference/commands.md', commandsPage()],
    ['reference/local-model.md', localPage()],
    ['reference/api.md', apiPage()],
    ['reference/api-reactive.md', apiPage('reactive')],
    ['reference/api-testing.md', apiPage('testing')],
    ['reference/api-juju.md', apiPage('juju')],
    ['reference/api-relations.md', apiPage('relations')],
    ['how-to/dashboard.svg', dashboardSvg('wsgi')],
    ['explanation/rooms.svg', await roomsSvg()],
    ['explanation/flags.svg', await toSvg(diagram)],
    ['explanation/flags.mmd', `${toMermaid(diagram)}\n`],
  ]);
}

/** Writes those that are no longer what the code says, or only looks. Returns their paths. */
export async function renew({ write }: { readonly write: boolean }): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of await generated()) {
    const file = join(PROJECT, 'docs', path);
    if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
    stale.push(`docs/${path}`);
    if (write) await writeFile(file, text);
  }
  return stale;
}
