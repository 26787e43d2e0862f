/** Version specifiers of Python, at the precision of a minor version. Source: PEP 440, "Version specifiers". */

/** Releases that an option may ask for, the oldest first that the carried pip and gunicorn run on. */
const RELEASES = ['3.10', '3.11', '3.12', '3.13', '3.14', '3.15'];

/**
 * Whether a Python of this minor version can satisfy a specifier such as `>=3.11,<4`. Where it depends on the patch release, it
 * does: pip and uv look again.
 *
 * @param python - as `3.11`
 */
export function satisfies(python: string, specifier: string): boolean {
  return specifier.split(',').every((clause) => meets(numbers(python), clause.trim()));
}

/**
 * Why this Python cannot run something, and the option that mends it.
 *
 * @param name - of what asks for another
 * @param specifier - what it asks for
 * @param python - as `3.11`
 */
export function needsOtherPython(name: string, specifier: string, python: string): string {
  const right = firstThatSatisfies(specifier);
  const needs = `${name} needs Python ${specifier}, and this machine has ${python}`;
  return right === undefined ? needs : `${needs}: set python=${right}`;
}

/** The oldest release that satisfies it. */
export function firstThatSatisfies(specifier: string): string | undefined {
  return RELEASES.find((release) => satisfies(release, specifier));
}

function meets([major = 0, minor = 0]: readonly number[], clause: string): boolean {
  const [, operator, version = '', star] = /^(>=|<=|==|!=|~=|<|>)\s*(\d+(?:\.\d+)*)(\.\*)?$/.exec(clause) ?? [];
  if (operator === undefined) return true;
  const [ofMajor = 0, ofMinor, patch] = numbers(version);
  const difference = major - ofMajor || (ofMinor === undefined ? 0 : minor - ofMinor);
  switch (operator) {
    case '>=':
    case '>':
      return difference >= 0;
    case '<':
      return difference < 0 || (difference === 0 && patch !== undefined && patch > 0);
    case '<=':
      return difference < 0 || (difference === 0 && patch !== undefined);
    case '==':
      return difference === 0 && (star !== undefined || patch !== undefined);
    case '!=':
      return difference !== 0 || star === undefined;
    default:
      return patch === undefined ? major === ofMajor && difference >= 0 : difference === 0;
  }
}

function numbers(version: string): number[] {
  return version.split('.').map(Number);
}
