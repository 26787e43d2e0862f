/**
 * `npm run bench [NAME ...]`: runs bench/NAME.ts, or all of them, one after another, and shows what each measured; all of
 * them make bench/RESULTS.md.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { machineDescription } from '../bench/support/report.ts';
import { PROJECT } from '../packages/charm-build/package.ts';

const folder = join(PROJECT, 'bench');
const ORDER = ['hook', 'port', 'engine', 'relations', 'requests', 'scenario', 'hand-over', 'fleet'];
const known = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}

process.chdir(PROJECT);
const names = wanted.length > 0 ? wanted : known;
const sections: string[] = [];
for (const [index, name] of names.entries()) {
  const began = performance.now();
  console.error(`\n[${index + 1}/${names.length}] ${name} ...`);
  const { report }: { report: () => Promise<string> } = await import(join(folder, `${name}.ts`));
  sections.push(await report());
  console.error(`[${index + 1}/${names.length}] ${name}: ${((performance.now() - began) / 1000).toFixed(0)} s\n`);
  console.log(sections.at(-1));
}
if (wanted.length === 0) {
  const file = join(folder, 'RESULTS.md');
  writeFileSync(file, `${['# Costs', introduction(), ...sections].join('\n\n')}\n`);
  console.error(`\n${relative(process.cwd(), file)} written`);
}

function introduction(): string {
  return [
    'Made by `npm run bench`. Medians of interleaved runs; how to read them is in',
    '[what a hook costs](../docs/explanation/costs.md). On:',
    '',
    machineDescription(),
  ].join('\n');
}
