/** The recipes of CONTRIBUTING.md name all the files that they touch, counted at an option and a relation that are there. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';

const CONTRIBUTING = readFileSync(join(PROJECT, 'CONTRIBUTING.md'), 'utf8');

/** Files that the steps of a recipe begin with. */
function filesOf(recipe: string): string[] {
  const section = CONTRIBUTING.split(/^###? /m).find((part) => part.startsWith(recipe)) ?? '';
  return [...section.matchAll(/^\d\. `([^`]+\.(?:ts|yaml))`/gm)].map(([, file = '']) => file).toSorted();
}

/** Files outside tests with a line that names something, once for each such line. */
function namedBy(pattern: RegExp): string[] {
  const paths = globSync(['config.yaml', 'metadata.yaml', 'src/**/*.ts'], {
    cwd: PROJECT,
    exclude: (path) => /\.(test|fixture)\.ts$/.test(path),
  });
  return paths.toSorted().flatMap((path) =>
    readFileSync(join(PROJECT, path), 'utf8')
      .split('\n')
      .flatMap((line) => (pattern.test(line) ? [path] : [])),
  );
}

test('an option of gunicorn is its YAML and one row', () => {
  expect(namedBy(/\bkeepalive\b/)).toEqual(filesOf('Add an option'));
});

test('a relation is its YAML, a file and a row', () => {
  const endpoint = namedBy(/^ {2}rabbitmq:|'rabbitmq'/);
  // The index offers the file to authors.
  const imports = namedBy(/^import .*\/rabbitmq\.ts'/);
  expect([...new Set([...endpoint, ...imports, 'src/relations/rabbitmq.ts'])].toSorted()).toEqual(
    filesOf('Add a relation'),
  );
});
