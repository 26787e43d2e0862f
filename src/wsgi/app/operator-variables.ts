/** The variables that the operator gives the application, with the content of secrets in the place of their names. */
import type { Databag, HookContext, UnitEnvironment } from '../../juju/types.ts';
import type { Variables } from '../config/environment-variables.ts';
import type { Options } from '../config/options.ts';
import { type SecretReference, secretReference } from '../config/secret-uri.ts';
import { BadValue } from '../config/values.ts';
import { checkVariable } from '../config/variable-names.ts';
import { blocked, waiting } from '../status.ts';

export interface OperatorVariables {
  readonly variables: Variables;
  /** Values that come from secrets: no log and no status may show them. */
  readonly secrets: readonly string[];
}

/** What is asked of Juju. */
interface Juju extends Pick<HookContext, 'secret'> {
  readonly unit: Pick<UnitEnvironment, 'application' | 'jujuVersion'>;
}

type SecretOption = 'environment_variables' | 'environment_secrets';

/**
 * Puts both options together; environment_variables win, and of several secrets the last one does.
 *
 * @throws Problem that names the secret and how to mend it, and shows no value
 */
export function operatorVariables(
  juju: Juju,
  { environment_variables, environment_secrets }: Pick<Options, SecretOption>,
): OperatorVariables {
  const variables = new Map<string, string>();
  const secrets: string[] = [];
  for (const reference of environment_secrets) {
    for (const [field, value] of Object.entries(contentOf(juju, reference, 'environment_secrets'))) {
      const name = field.toUpperCase().replaceAll('-', '_');
      variables.set(name, checked(name, value, reference, 'environment_secrets'));
      secrets.push(value);
    }
  }
  for (const [name, text] of environment_variables) {
    const reference = secretReference(text);
    const value = reference === undefined ? text : fieldOf(juju, reference, name);
    variables.set(name, value);
    if (reference !== undefined) secrets.push(value);
  }
  return { variables, secrets };
}

function fieldOf(juju: Juju, reference: SecretReference, name: string): string {
  const { id, field } = reference;
  const option = 'environment_variables';
  const content = contentOf(juju, reference, option);
  const fields = Object.keys(content).sort();
  const [only = ''] = fields;
  const chosen = field ?? (fields.length === 1 ? only : undefined);
  const change = `juju config ${juju.unit.application} ${option}=... with`;
  if (chosen === undefined) {
    return blocked(
      `${option}: ${name}: secret ${id} has several fields: ${change} secret://${id}/${only} for one of ${fields.join(', ')}`,
    );
  }
  const value = Object.hasOwn(content, chosen) ? content[chosen] : undefined;
  if (value === undefined) {
    return blocked(`${option}: ${name}: secret ${id} has no field ${chosen}: ${change} one of ${fields.join(', ')}`);
  }
  return checked(name, value, reference, option);
}

/** A secret is granted without a hook, so one that cannot be read is asked for again in the next, whichever it is. */
function contentOf(juju: Juju, { uri, id }: SecretReference, option: SecretOption): Databag {
  const { application, jujuVersion } = juju.unit;
  if (Number.parseInt(jujuVersion, 10) < 3) {
    return blocked(
      `${option}: Juju ${jujuVersion} has no secrets: give the value itself, or upgrade the controller to Juju 3`,
    );
  }
  const { content, whyNot = '' } = juju.secret(uri, { refresh: true });
  if (content !== undefined) return content;
  if (/permission denied|not allowed/i.test(whyNot)) {
    return blocked(`${option}: secret ${id} is not granted: juju grant-secret ${id} ${application}`);
  }
  if (/not found/i.test(whyNot)) {
    return blocked(
      `${option}: there is no secret ${id}: juju add-secret makes one, juju grant-secret lets ${application} read it`,
    );
  }
  return waiting(`${option}: secret ${id} cannot be read: ${whyNot}`);
}

function checked(name: string, value: string, { id }: SecretReference, option: SecretOption): string {
  try {
    checkVariable(name, value);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    return blocked(`${option}: secret ${id}: ${error.message}`);
  }
  return value;
}
