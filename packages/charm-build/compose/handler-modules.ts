import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { CharmError } from '../errors.ts';

/**
 * @param modules absolute paths of the modules in reactive/
 * @throws CharmError with a line for each that exports no `handlers`; what does not parse is left to the bundler, which says where
 */
export async function checkHandlerModules(modules: readonly string[], charm: string): Promise<void> {
  const mistakes: string[] = [];
  for (const path of modules) {
    if (exportsHandlers(path, await readFile(path, 'utf8'))) continue;
    const file = relative(charm, path);
    mistakes.push(
      `${file.startsWith('..') ? path : file}: exports no handlers: write export const handlers = [handler(...), ...]; what other modules import belongs into another folder, such as lib/`,
    );
  }
  if (mistakes.length > 0) throw new CharmError(mistakes.join('\n'));
}

function exportsHandlers(path: string, text: string): boolean {
  const { errors, module } = parseSync(path, text);
  if (errors.length > 0) return true;
  const entries = module.staticExports.flatMap((each) => each.entries).filter(({ isType }) => !isType);
  // export * may bring them from another module, which the bundler looks at.
  return entries.some(({ exportName }) => exportName.name === 'handlers' || exportName.kind === 'None');
}
