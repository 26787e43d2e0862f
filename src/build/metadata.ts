import { z } from 'zod';

/** Names of endpoints, storage and actions: lower-case letters, digits and hyphens. Source: Juju's charm metadata reference. */
export const Name = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case letters, digits and single hyphens');

export const Endpoint = z.looseObject({
  interface: z.string(),
  scope: z.enum(['global', 'container']).optional(),
  optional: z.boolean().optional(),
  limit: z.number().optional(),
});
const Endpoints = z.record(Name, Endpoint).optional();

/** What building a charm needs to know of metadata.yaml; the rest passes through untouched. */
export const Metadata = z.looseObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/, 'must be a charm name: lower-case words joined by hyphens'),
  summary: z.string(),
  description: z.string(),
  provides: Endpoints,
  requires: Endpoints,
  peers: Endpoints,
  storage: z.record(Name, z.looseObject({ type: z.enum(['filesystem', 'block']) })).optional(),
  resources: z.record(Name, z.looseObject({ type: z.string() })).optional(),
});
export type Metadata = z.infer<typeof Metadata>;

/** actions.yaml: a mapping of action names to what each takes. */
export const Actions = z.record(Name, z.looseObject({ description: z.string().optional() }));
export type Actions = z.infer<typeof Actions>;
