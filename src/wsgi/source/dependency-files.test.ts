import { expect, test } from 'vitest';
import { missingRequirements } from './dependency-files.ts';

const FLASK = "ModuleNotFoundError: No module named 'flask'";

test.each([
  [['uv.lock', 'pyproject.toml', 'wsgi.py'], 'uv export --no-dev --no-emit-project -o requirements.txt'],
  [['Pipfile', 'wsgi.py'], 'pipenv lock && pipenv requirements > requirements.txt'],
  [['Pipfile', 'Pipfile.lock'], 'pipenv requirements > requirements.txt'],
  [['poetry.lock', 'pyproject.toml'], 'poetry export -o requirements.txt'],
  [['pyproject.toml', 'shop'], 'echo . > requirements.txt'],
])('a build with %j is told the command that makes requirements.txt', (names, command) => {
  expect(missingRequirements(FLASK, 'requirements.txt', names)).toBe(
    `${names.find((name) => !/wsgi|shop/.test(name) && (name !== 'Pipfile' || !names.includes('Pipfile.lock')))} is there and no requirements.txt, which is what is installed; make it: ${command}`,
  );
});

test.each([
  ['requirements were installed', FLASK, ['uv.lock', 'requirements.txt']],
  ['nothing names any', FLASK, ['wsgi.py']],
  ['it fails for another reason', "KeyError: 'uv.lock'", ['uv.lock']],
])('nothing is said where %s', (_, reason, names) => {
  expect(missingRequirements(reason, 'requirements.txt', names)).toBeUndefined();
});
