import * as v from 'valibot';

/**
 * A JSON object with any names, all values of one kind. Valibot's own `record` takes an array for one too, and leaves
 * out names such as `constructor`, which Juju allows.
 */
export function record<Value>(value: v.GenericSchema<unknown, Value>): v.GenericSchema<unknown, Record<string, Value>> {
  return v.custom<Record<string, Value>>(
    (input) =>
      typeof input === 'object' &&
      input !== null &&
      !Array.isArray(input) &&
      Object.values(input).every((each) => v.is(value, each)),
  );
}
