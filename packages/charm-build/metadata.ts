import { z } from 'zod';

/** Names of endpoints, storage and the like. Source: Juju's charm metadata reference. */
const Name = z
  .string()
  .regex(
    /^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/,
    'a name is lower-case letters and digits, with single hyphens between them',
  );

const Endpoint = z.union([
  z.string(),
  z.looseObject({
    interface: z.string(),
    scope: z.enum(['global', 'container']).optional(),
    optional: z.boolean().optional(),
    limit: z.number().nullish(),
  }),
]);
const Endpoints = z.record(Name, Endpoint).optional();

/** What building a charm needs to know of metadata.yaml; the rest passes through untouched. */
export const Metadata = z.looseObject({
  name: z
    .string({ error: 'is missing: what the charm is called, such as my-site' })
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/, 'a charm name is lower-case words joined by hyphens')
    .max(40, 'is longer than the 40 characters of a name'),
  'display-name': z
    .string()
    .min(2, 'is too short for a title')
    .max(40, 'is longer than the 40 characters of a title')
    .optional(),
  summary: z
    .string({ error: 'is missing: one line that says what the charm serves' })
    .max(200, 'is longer than the 200 characters of a summary; what is more belongs into description'),
  description: z.string({ error: 'is missing: what operators should know of the charm' }),
  subordinate: z.boolean().optional(),
  provides: Endpoints,
  requires: Endpoints,
  peers: Endpoints,
  storage: z.record(Name, z.looseObject({ type: z.enum(['filesystem', 'block']) })).optional(),
  resources: z
    .record(
      Name,
      z.union([
        z.looseObject({ type: z.literal('file').optional(), filename: z.string() }),
        z.looseObject({ type: z.literal('oci-image') }),
      ]),
    )
    .optional(),
});
export type Metadata = z.infer<typeof Metadata>;

const ActionName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'an action name is lower-case letters, digits and hyphens');

/** actions.yaml: a mapping of action names to what each takes. */
export const Actions = z
  .record(
    ActionName,
    z.looseObject({
      description: z.string().optional(),
      params: z.record(z.string(), z.looseObject({})).optional(),
      required: z.array(z.string()).optional(),
      parallel: z.boolean().optional(),
      'execution-group': z.string().optional(),
    }),
  )
  .default({});
export type Actions = z.infer<typeof Actions>;
