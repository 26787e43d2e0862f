/**
 * The `saml` interface, as requirer: an identity provider that speaks SAML. Source: the specification in canonical/charmlibs;
 * the keys are those of saml-integrator.
 */
import * as z from 'zod/mini';
import { items, saidAnything, theirName, value, whyNotVariable } from './databag.ts';
import { isHttpUrl } from './http-url.ts';
import { type Answer, type Relation, refused, waiting } from './types.ts';
import { plain, type Variables } from './variables.ts';

const URLS = {
  metadataUrl: 'metadata_url',
  signOnRedirectUrl: 'single_sign_on_service_redirect_url',
  signOnPostUrl: 'single_sign_on_service_post_url',
  logoutRedirectUrl: 'single_logout_service_redirect_url',
  logoutPostUrl: 'single_logout_service_post_url',
} as const;

const text = z.optional(z.string());

export const schema = z.object({
  entityId: z.string(),
  /** The first signs. */
  certificates: z.tuple([z.string()], z.string()),
  metadataUrl: text,
  signOnRedirectUrl: text,
  signOnPostUrl: text,
  logoutRedirectUrl: text,
  logoutPostUrl: text,
});

/** An identity provider. */
export type Saml = z.infer<typeof schema>;

export function read(relation: Relation): Answer<Saml> {
  const them = theirName(relation);
  const { app } = relation;
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const entityId = value(app, 'entity_id');
  if (entityId === undefined) return waiting(`${them} has not given its entity_id yet`);
  const [signing, ...others] = items(value(app, 'x509certs'), /,/);
  if (signing === undefined) return waiting(`${them} has not given its signing certificate yet`);
  const bad = Object.values(URLS).find((key) => !isHttpUrl(value(app, key) ?? 'http://none'));
  if (bad !== undefined) return refused(`${them} gave a ${bad} that is not a URL of http or https`);
  const whyNot = whyNotVariable({ entity_id: entityId, x509certs: [signing, ...others].join(',') });
  if (whyNot !== undefined) return refused(`${them} gave ${whyNot}`);
  const urls = Object.fromEntries(Object.entries(URLS).map(([name, key]) => [name, value(app, key)]));
  return { kind: 'ready', connection: { entityId, certificates: [signing, ...others], ...urls } };
}

export const variables: Variables<Saml> = {
  ENTITY_ID: plain('The identity provider, as it calls itself.', ({ entityId }) => entityId),
  METADATA_URL: plain('Where its metadata is, where it says so.', ({ metadataUrl }) => metadataUrl),
  SINGLE_SIGN_ON_REDIRECT_URL: plain('Where users are sent to log in.', ({ signOnRedirectUrl }) => signOnRedirectUrl),
  SINGLE_SIGN_ON_POST_URL: plain('The same by POST, where there is one.', ({ signOnPostUrl }) => signOnPostUrl),
  SINGLE_LOGOUT_REDIRECT_URL: plain(
    'Where users are sent to log out, where there is one.',
    (saml) => saml.logoutRedirectUrl,
  ),
  SINGLE_LOGOUT_POST_URL: plain('The same by POST, where there is one.', ({ logoutPostUrl }) => logoutPostUrl),
  SIGNING_CERTIFICATE: plain(
    'The certificate that its answers are signed with.',
    ({ certificates }) => certificates[0],
  ),
  CERTIFICATES: plain('All its certificates, with commas between.', ({ certificates }) => certificates.join(',')),
};
