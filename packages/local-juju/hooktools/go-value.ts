/** Values as Go prints them: maps come out sorted, structs in their own order, floats in Go's notation. */

export class GoFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A struct: fields are printed in the order given. */
export class GoStruct {
  readonly fields: readonly (readonly [string, GoValue])[];

  constructor(fields: readonly (readonly [string, GoValue | undefined])[]) {
    this.fields = fields.filter((field): field is readonly [string, GoValue] => field[1] !== undefined);
  }
}

/** A time.Time: a string in JSON, a plain timestamp in YAML. */
export class GoTime {
  /** RFC 3339. */
  readonly time: string;

  constructor(time: string) {
    this.time = time;
  }
}

/** A nil slice or map: `null` in JSON, empty in YAML. */
export class GoNil {
  readonly empty: '[]' | '{}';

  constructor(empty: '[]' | '{}') {
    this.empty = empty;
  }
}

export type GoMap = { readonly [key: string]: GoValue };
export type GoValues = readonly GoValue[];
export type GoValue = null | string | number | boolean | GoFloat | GoTime | GoStruct | GoNil | GoValues | GoMap;

export function isGoMap(value: GoValue): value is GoMap {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof GoFloat) &&
    !(value instanceof GoTime) &&
    !(value instanceof GoStruct) &&
    !(value instanceof GoNil)
  );
}

/** Any JSON value as Go holds it after decoding: every number is a float. */
export function fromJson(value: unknown): GoValue {
  if (typeof value === 'number') return new GoFloat(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
  }
  return null;
}

/** A float in YAML, strconv's shortest `%g`: an exponent below 1e-4 and from 1e+06 on. */
export function goFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '+.inf' : '-.inf';
  const [digits = '', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (value === 0 || (exponent >= -4 && exponent < 6)) return String(value);
  return `${digits}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
