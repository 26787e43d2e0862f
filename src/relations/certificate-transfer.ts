/**
 * The `certificate_transfer` interface, as requirer: certificates of authorities to trust. v1 has a list in the application's
 * databag, v0 one authority in the databag of each unit. Source: the specifications in canonical/charmlibs.
 */
import * as z from 'zod/mini';
import type { Databag } from '../juju/types.ts';
import { readTexts, saidAnything, theirName, unitsByAge, value } from './databag.ts';
import { joinPems, readAllPems } from './pem.ts';
import { type Answer, type Relation, refused, waiting } from './types.ts';
import { plain, type Variables } from './variables.ts';

export const schema = z.object({
  /** PEM, one certificate each. */
  certificates: z.array(z.string()),
  /** Where the application finds them, with those that the machine trusts. */
  file: z.string(),
});

/** Authorities to trust. */
export type Authorities = z.infer<typeof schema>;

/** The application's databag. */
export const request: Databag = { version: '1' };

export function read(relation: Relation, file: string): Answer<Authorities> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const list = value(relation.app, 'certificates');
  const texts = list === undefined ? ofUnits(relation) : readTexts(list);
  if (texts === undefined) return refused(`${them} gave certificates that are not a JSON list`);
  if (texts.length === 0) return waiting(`${them} has not given a certificate yet`);
  const pems = readAllPems(texts);
  if (pems === undefined) return refused(`${them} gave something other than a certificate in PEM`);
  // In one order, whatever theirs: another order is not another answer.
  const certificates = [...new Set(pems)].sort();
  return { kind: 'ready', connection: { certificates, file } };
}

/** Of each unit the authority; one that has none above it is its own. */
function ofUnits(relation: Relation): string[] {
  return unitsByAge(relation).flatMap(([, bag]) => value(bag, 'ca') ?? value(bag, 'certificate') ?? []);
}

export const bundle = ({ certificates }: Authorities): { readonly bundle: string } => ({
  bundle: joinPems(certificates),
});

/** The file, under a name by which one library looks for it. */
export const fileFor = (meaning: string): Variables<Authorities>[string] => plain(meaning, ({ file }) => file);
