import { z } from 'zod';

const Deletes = z.strictObject({ deletes: z.array(z.string()).default([]) }).default({ deletes: [] });
const Patterns = z.array(z.string());

/** layer.yaml, with the keys that `charm build` knows and this builder follows. Source: charm-tools' layer reference. */
export const LayerYaml = z
  .strictObject({
    /** `layer:NAME`, lower ones first. */
    includes: z.array(z.string()).default([]),
    /** JSON schema of each of this layer's own options. */
    defines: z.record(z.string(), z.looseObject({})).default({}),
    /** Values for options of this and other layers, by layer. */
    options: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
    /** Files of this layer that stay out of the charm. */
    exclude: Patterns.default([]),
    /** Files of lower layers that stay out: of all of them, or by layer. */
    ignore: z.union([Patterns, z.record(z.string(), Patterns)]).default([]),
    /** Dotted paths that are taken out of what the lower layers say. */
    config: Deletes,
    metadata: Deletes,
    actions: Deletes,
    is: z.string().optional(),
    repo: z.string().optional(),
    /** In layer:wsgi alone: what belongs to its option `builds`. */
    builds: z
      .strictObject({ options: z.array(z.string()), actions: z.array(z.string()), resources: z.array(z.string()) })
      .optional(),
  })
  .prefault({});
export type LayerYaml = z.infer<typeof LayerYaml>;
