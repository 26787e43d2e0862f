/**
 * The `smtp` interface, as requirer: a server that takes mail. The endpoint `smtp` of smtp-integrator keeps the password in
 * a Juju secret, its endpoint `smtp-legacy` in the databag. Source: its library smtp v0.
 */
import * as z from 'zod/mini';
import { exact, readTexts, saidAnything, theirName, value, whyNotVariable } from './databag.ts';
import { readEndpoint } from './endpoint.ts';
import { openSecret } from './secret.ts';
import * as serviceUrl from './service-url.ts';
import { type Answer, type ReadSecret, type Relation, refused, waiting } from './types.ts';
import { plain, secret, type Variables } from './variables.ts';

const AUTH_TYPES = ['none', 'not_provided', 'plain'] as const;
const TRANSPORT_SECURITY = ['none', 'starttls', 'tls'] as const;
/** django-environ goes by the scheme, dj-email-url by the option; either reads no more than its own, and would send in the clear. */
const SCHEMES = {
  none: { scheme: 'smtp', options: {} },
  starttls: { scheme: 'smtp+tls', options: { tls: 'True' } },
  tls: { scheme: 'smtp+ssl', options: { ssl: 'True' } },
} as const;

const text = z.optional(z.string());

export const schema = z.object({
  host: z.string(),
  port: z.number(),
  user: text,
  password: text,
  authType: z.enum(AUTH_TYPES),
  transportSecurity: z.enum(TRANSPORT_SECURITY),
  skipSslVerify: z.boolean(),
  domain: text,
  sender: text,
  recipients: z.optional(z.array(z.string())),
});

/** A server that takes mail. */
export type Smtp = z.infer<typeof schema>;

export function read(relation: Relation, readSecret: ReadSecret | undefined): Answer<Smtp> {
  const them = theirName(relation);
  const { app } = relation;
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const host = value(app, 'host');
  const port = value(app, 'port');
  if (host === undefined || port === undefined) return waiting(`${them} has not given a host and a port yet`);
  const found = readEndpoint(host, port);
  if ('whyNot' in found) return refused(`${them} gave ${found.whyNot}`);
  const authType = oneOf(AUTH_TYPES, value(app, 'auth_type'));
  const transportSecurity = oneOf(TRANSPORT_SECURITY, value(app, 'transport_security'));
  if (authType === undefined || transportSecurity === undefined) {
    return waiting(`${them} has not said yet how to log in and how the connection is secured`);
  }
  if (authType === 'unknown') return refused(`${them} gave an auth_type that is none of ${AUTH_TYPES.join(', ')}`);
  if (transportSecurity === 'unknown') {
    return refused(`${them} gave a transport_security that is none of ${TRANSPORT_SECURITY.join(', ')}`);
  }
  const id = value(app, 'password_id');
  const legacy = `relate the endpoint smtp-legacy of ${them} in its place`;
  const opened = id === undefined ? { content: app } : openSecret(id, 'the password', them, readSecret, legacy);
  if ('whyNot' in opened) return waiting(opened.whyNot);
  const user = value(app, 'user');
  const password = exact(opened.content, 'password');
  if (authType === 'plain' && (user === undefined || password === undefined)) {
    return waiting(`${them} has not given a user and a password yet`);
  }
  const recipients = readTexts(value(app, 'recipients') ?? '[]');
  if (recipients === undefined) return refused(`${them} gave recipients that are not a JSON list`);
  const [domain, sender] = [value(app, 'domain'), value(app, 'smtp_sender')];
  const smtp: Smtp = {
    ...found.endpoint,
    ...{ user, password, authType, transportSecurity, domain, sender },
    skipSslVerify: value(app, 'skip_ssl_verify')?.toLowerCase() === 'true',
    recipients: recipients.length === 0 ? undefined : recipients,
  };
  const whyNot = whyNotVariable({ user, password, domain, smtp_sender: sender, recipients: recipients.join('') });
  if (whyNot !== undefined) return refused(`${them} gave ${whyNot}`);
  const unwritable = serviceUrl.whyNotWritable(serviceOf(smtp));
  return unwritable === undefined
    ? { kind: 'ready', connection: smtp }
    : refused(`${them} gave what is no use: ${unwritable}`);
}

function oneOf<Word extends string>(words: readonly Word[], given: string | undefined): Word | 'unknown' | undefined {
  if (given === undefined) return undefined;
  return words.find((word) => word === given.toLowerCase()) ?? 'unknown';
}

/** The server as a URL; who may send without a login is not told one. */
export function serviceOf({ host, port, user, password, authType, transportSecurity }: Smtp): serviceUrl.Service {
  const login = authType === 'plain' ? { user, password } : {};
  return { ...SCHEMES[transportSecurity], ...login, host, port };
}

export const url: Variables<Smtp>[string] = secret(
  'The server as a URL, as django-environ and dj-email-url read it: smtp://, smtp+tls:// for STARTTLS, smtp+ssl:// for TLS.',
  (smtp) => serviceUrl.serviceUrl(serviceOf(smtp)),
);

export const variables: Variables<Smtp> = {
  HOST: plain('The host.', ({ host }) => host),
  PORT: plain('The port.', ({ port }) => String(port)),
  USER: secret('The user, where one logs in.', ({ user }) => user),
  PASSWORD: secret('The password, where one logs in.', ({ password }) => password),
  AUTH_TYPE: plain('How one logs in: plain, none or not_provided.', ({ authType }) => authType),
  TRANSPORT_SECURITY: plain('How the connection is secured: starttls, tls or none.', (smtp) => smtp.transportSecurity),
  DOMAIN: plain('The domain that mail comes from, where it is given.', ({ domain }) => domain),
  SKIP_SSL_VERIFY: plain('True where the certificate of the server is not to be checked, else False.', (smtp) =>
    smtp.skipSslVerify ? 'True' : 'False',
  ),
  SENDER: plain('The address that mail comes from, where it is given.', ({ sender }) => sender),
  RECIPIENTS: plain('Who gets mail of the system, with commas between, where it is given.', ({ recipients }) =>
    recipients?.join(','),
  ),
};
