/** A world as a test that can be run at once. */
import type { Unit } from '../model/state.ts';

export interface TestFile {
  readonly unit: Unit;
  /** The argument of `state()`. */
  readonly world: object;
  /** Files beside the test, by name of the resource. */
  readonly resources: Readonly<Record<string, string>>;
}

/** The text of the test: it passes while the charm's next hook in that world does not fail. */
export function testText({ unit, world, resources }: TestFile): string {
  const files = Object.entries(resources);
  const was = `${unit.workload.status}: ${unit.workload.message}`.replace(/: $/, '');
  return [
    "import assert from 'node:assert/strict';",
    ...(files.length > 0 ? ["import { readFileSync } from 'node:fs';"] : []),
    "import { test } from 'node:test';",
    "import { loadCharm, run, state } from 'layer-wsgi/testing';",
    '',
    `/** What ${unit.name} lived in; secrets are masked. */`,
    `const world = state(${literal(world).slice(0, -2)}`,
    ...(files.length > 0 ? ['  resources: {', ...files.map(resourceLine), '  },'] : []),
    '});',
    '',
    `test(${JSON.stringify(`${unit.name}, whose status was ${was}`)}, async () => {`,
    "  const after = await run(await loadCharm('.'), 'config-changed', world);",
    '  assert.equal(after.exitCode, 0);',
    '  // Say here what should be so, such as: assert.equal(after.status.status, ...)',
    '});',
    '',
  ].join('\n');
}

function resourceLine([name, file]: [string, string]): string {
  return `    ${JSON.stringify(name)}: readFileSync(new URL(${JSON.stringify(file)}, import.meta.url)),`;
}

/** JSON in the words of TypeScript. */
function literal(value: object): string {
  return JSON.stringify(value, undefined, 2)
    .replace(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, '$1$2:')
    .replace(/(["\]}\w])$/gm, '$1,')
    .replace(/,$/, '');
}
