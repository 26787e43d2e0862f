/** Parameters of an action: taken from the command line, completed by the defaults, held to the charm's JSON schema. */

import { Ajv, type ErrorObject } from 'ajv';
import { load, YAML11_SCHEMA } from 'js-yaml';
import type { ActionSpec } from './charm.ts';
import { LocalError } from './local-error.ts';

/** `key=value` and `a.b=value`; values are read as YAML, or kept as they are. @throws LocalError */
export function parseParams(args: readonly string[], stringArgs: boolean): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const arg of args) {
    const equals = arg.indexOf('=');
    const keys = arg.slice(0, Math.max(equals, 0)).split('.');
    if (equals < 0 || keys.some((key) => !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(key))) {
      throw new LocalError(`argument ${JSON.stringify(arg)} must be of the form key.key.key...=value`, 2);
    }
    place(params, keys, stringArgs ? arg.slice(equals + 1) : yaml(arg.slice(equals + 1)));
  }
  return params;
}

function yaml(text: string): unknown {
  try {
    // Juju reads YAML 1.1: a `y` is a true.
    return load(text, { schema: YAML11_SCHEMA }) ?? null;
  } catch {
    return text;
  }
}

function place(params: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [key = '', ...further] = keys;
  if (further.length === 0) {
    params[key] = value;
    return;
  }
  const inner = params[key];
  const map: Record<string, unknown> = isRecord(inner) ? inner : {};
  params[key] = map;
  place(map, further, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The given parameters over the schema's defaults. */
export function withDefaults(spec: ActionSpec, params: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = isRecord(spec.schema.properties) ? spec.schema.properties : {};
  const defaults = Object.entries(properties).flatMap(([name, property]) =>
    isRecord(property) && property.default !== undefined ? [[name, property.default] as const] : [],
  );
  return { ...Object.fromEntries(defaults), ...params };
}

/**
 * Why the parameters are refused, in the words of Juju's validator; `undefined` when they fit. Juju 4.0 takes no list or
 * map for what it is: `strict` does the same.
 */
export function validateParams(
  spec: ActionSpec,
  params: Readonly<Record<string, unknown>>,
  strict: boolean,
): string | undefined {
  const validate = new Ajv({ allErrors: true, strict: false, verbose: true, logger: false }).compile({
    ...spec.schema,
  });
  validate(params);
  const compound = strict
    ? Object.entries(params).filter(([, value]) => typeof value === 'object' && value !== null)
    : [];
  const refused = compound.flatMap(([name, value]) => {
    const type = typeOf(spec, name);
    return type === undefined
      ? []
      : [`(root).${name} : must be of type ${type}, given ${JSON.stringify(goPrint(value))}`];
  });
  const names = compound.map(([name]) => `/${name}`);
  const others = (validate.errors ?? []).filter(
    ({ instancePath }) => !names.some((name) => instancePath.startsWith(name)),
  );
  const all = [...refused, ...others.map((error) => inJujusWords(error, params))];
  return all.length === 0 ? undefined : all.join('; ');
}

function typeOf(spec: ActionSpec, name: string): string | undefined {
  const properties = isRecord(spec.schema.properties) ? spec.schema.properties : {};
  const property = properties[name];
  return isRecord(property) && typeof property.type === 'string' ? property.type : undefined;
}

function inJujusWords(error: ErrorObject, params: Readonly<Record<string, unknown>>): string {
  const at = `(root)${error.instancePath.replaceAll('/', '.')}`;
  const given = JSON.stringify(goPrint(error.data));
  const whole = goJsonLike(params);
  const { type, missingProperty, additionalProperty, limit } = error.params;
  switch (error.keyword) {
    case 'required':
      return `${at} : ${JSON.stringify(missingProperty)} property is missing and required, given ${whole}`;
    case 'additionalProperties':
      return `${at} : additional property ${JSON.stringify(additionalProperty)} is not allowed, given ${whole}`;
    case 'type':
      return `${at} : must be of type ${type}, given ${given}`;
    case 'minimum':
      return `${at} : must be greater than ${limit}, given ${given}`;
    case 'maximum':
      return `${at} : must be less than ${limit}, given ${given}`;
    case 'enum':
      return `${at} : must match one of the enum values, given ${given}`;
    case 'pattern':
      return `${at} : does not match pattern, given ${given}`;
    default:
      return `${at} : ${error.message ?? error.keyword}, given ${given}`;
  }
}

function goJsonLike(value: unknown): string {
  return JSON.stringify(value, Object.keys(isRecord(value) ? value : {}).toSorted());
}

/** A value as Go's `%v`: `[x true]`, `map[k:v]`. */
function goPrint(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (!isRecord(value)) return value === null ? '<nil>' : String(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([key, item]) => `${key}:${goPrint(item)}`).join(' ')}]`;
}
