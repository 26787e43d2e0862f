/** Files that name what an application needs in another way than requirements.txt does. */

/** The file, and the command that makes a requirements.txt of it. */
const EXPORTS: ReadonlyArray<readonly [file: string, command: string]> = [
  ['uv.lock', 'uv export --no-dev --no-emit-project -o requirements.txt'],
  ['poetry.lock', 'poetry export -o requirements.txt'],
  ['pdm.lock', 'pdm export --prod -o requirements.txt'],
  ['Pipfile.lock', 'pipenv requirements > requirements.txt'],
  ['Pipfile', 'pipenv lock && pipenv requirements > requirements.txt'],
  ['pylock.toml', 'uv export --no-dev -o requirements.txt'],
  ['pyproject.toml', 'echo . > requirements.txt'],
  ['setup.py', 'echo . > requirements.txt'],
];

/**
 * What to do where a module is missing because nothing was installed: reads on after the reason. Undefined where requirements
 * were installed, or nothing names any.
 *
 * @param names - what lies in the application's folder
 */
export function missingRequirements(
  reason: string,
  requirements: string,
  names: readonly string[],
): string | undefined {
  if (!/^(?:ModuleNotFoundError|ImportError): No module named /.test(reason) || names.includes(requirements))
    return undefined;
  const [file, command] = EXPORTS.find(([name]) => names.includes(name)) ?? [];
  return file === undefined
    ? undefined
    : `${file} is there and no ${requirements}, which is what is installed; make it: ${command}`;
}
