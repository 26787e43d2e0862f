import { describe, expect, test } from 'vitest';
import { type DependencyFile, dependencyFile, missingRequirements } from './dependency-files.ts';

describe('what is installed', () => {
  const chosen = (names: readonly string[], path: string | undefined = 'requirements.txt', project = true) =>
    dependencyFile(path, names, () => project);

  test.each<[string[], DependencyFile]>([
    [
      ['pyproject.toml', 'uv.lock', 'pylock.toml', 'requirements.txt'],
      { path: 'requirements.txt', kind: 'requirements' },
    ],
    [['pyproject.toml', 'uv.lock', 'pylock.toml'], { path: 'pylock.toml', kind: 'pylock' }],
    [['pyproject.toml', 'uv.lock', 'poetry.lock'], { path: 'uv.lock', kind: 'uv-lock' }],
    [['pyproject.toml', 'poetry.lock'], { path: 'pyproject.toml', kind: 'pyproject' }],
  ])('of %j the first that is known', (names, file) => {
    expect(chosen(names)).toEqual(file);
  });

  test.each<[string, DependencyFile['kind']]>([
    ['deploy/pylock.web.toml', 'pylock'],
    ['services/shop/uv.lock', 'uv-lock'],
    ['services/shop/pyproject.toml', 'pyproject'],
    ['requirements/production.txt', 'requirements'],
    ['mypylock.toml', 'requirements'],
  ])('the file of requirements_path, there or not, by its name: %s', (path, kind) => {
    expect(chosen(['requirements.txt'], path)).toEqual({ path, kind });
  });

  test('nothing where requirements_path is empty, and where pyproject.toml has only settings of tools', () => {
    expect(dependencyFile(undefined, ['requirements.txt'], () => true)).toBeUndefined();
    expect(chosen(['pyproject.toml'], 'requirements.txt', false)).toBeUndefined();
    expect(chosen(['uv.lock'])).toBeUndefined();
  });
});

describe('a module that is missing', () => {
  const FLASK = "ModuleNotFoundError: No module named 'flask'";

  test.each([
    ['Pipfile', ['Pipfile', 'wsgi.py'], 'pipenv lock && pipenv requirements > requirements.txt'],
    ['Pipfile.lock', ['Pipfile', 'Pipfile.lock'], 'pipenv requirements > requirements.txt'],
    ['uv.lock', ['uv.lock', 'wsgi.py'], 'uv export --no-dev --no-emit-project -o requirements.txt'],
    ['poetry.lock', ['poetry.lock', 'pyproject.toml'], 'poetry export -o requirements.txt'],
    ['pyproject.toml', ['pyproject.toml', 'shop'], 'echo . > requirements.txt'],
  ])('where %s lies among %j is told the command that makes requirements.txt', (file, names, command) => {
    expect(missingRequirements(FLASK, undefined, names)).toBe(
      `${file} is there, which is not installed; make a requirements.txt of it: ${command}`,
    );
  });

  test('where pyproject.toml was installed and not the lock beside it', () => {
    const installed = { path: 'pyproject.toml', kind: 'pyproject' } as const;
    expect(missingRequirements(FLASK, installed, ['poetry.lock', 'pyproject.toml'])).toContain('poetry export');
    expect(missingRequirements(FLASK, installed, ['pyproject.toml'])).toBeUndefined();
  });

  test.each<[string, string, DependencyFile | undefined, string[]]>([
    ['requirements were installed', FLASK, { path: 'requirements.txt', kind: 'requirements' }, ['Pipfile.lock']],
    ['a lock was installed', FLASK, { path: 'uv.lock', kind: 'uv-lock' }, ['Pipfile.lock']],
    ['nothing names any', FLASK, undefined, ['wsgi.py']],
    ['it fails for another reason', "KeyError: 'Pipfile.lock'", undefined, ['Pipfile.lock']],
  ])('says nothing where %s', (_, reason, installed, names) => {
    expect(missingRequirements(reason, installed, names)).toBeUndefined();
  });
});
