/**
 * The URL of a service that is no database: a cache, a message broker. Applications read it as RFC 3986 has it, with
 * user, password and path percent-encoded.
 */
import * as z from 'zod/mini';
import { authority } from './endpoint.ts';
import { encode, isWritable } from './url.ts';
import { plain, secret, type Variables } from './variables.ts';

/** What a URL is made of, decoded. */
export interface Service {
  readonly scheme: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly host: string;
  readonly port: number;
  /** What comes after the slash; undefined for no slash. */
  readonly path?: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

export const schema = z.object({
  scheme: z.string(),
  user: z.optional(z.string()),
  password: z.optional(z.string()),
  host: z.string(),
  port: z.number(),
  path: z.optional(z.string()),
  options: z.record(z.string(), z.string()),
});

export function serviceUrl(service: Service): string {
  const query = queryOf(service);
  return `${service.scheme}://${netlocOf(service)}${pathOf(service)}${query === '' ? '' : `?${query}`}`;
}

/** @returns a reason when a URL does not say what was meant; it holds no credential. */
export function whyNotWritable(service: Service): string | undefined {
  const texts = [service.user, service.password, service.path, ...Object.values(service.options)];
  if (texts.some((text) => text !== undefined && !isWritable(text))) {
    return 'its credentials hold a NUL or half a character, which no variable can';
  }
  const url = serviceUrl(service);
  const found = URL.canParse(url) ? new URL(url) : undefined;
  const isAlike =
    found !== undefined &&
    decodeURIComponent(found.username) === (service.user ?? '') &&
    decodeURIComponent(found.password) === (service.password ?? '') &&
    found.host === authority(service) &&
    found.pathname === pathOf(service);
  return isAlike ? undefined : 'it cannot be written as a URL that is read back alike';
}

/** The URL in pieces, named as Python's urlparse names them. */
export function parts<Value>(of: (value: Value) => Service | undefined): Variables<Value> {
  const from = (read: (service: Service) => string | undefined) => (value: Value) => {
    const service = of(value);
    return service === undefined ? undefined : read(service);
  };
  return {
    CONNECT_STRING: secret('The URL.', from(serviceUrl)),
    SCHEME: plain(
      'The URL up to the colon.',
      from(({ scheme }) => scheme),
    ),
    NETLOC: secret('User, password, host and port as they are in the URL.', from(netlocOf)),
    PATH: plain('The path as it is in the URL.', from(pathOf)),
    PARAMS: plain(
      'Always empty.',
      from(() => ''),
    ),
    QUERY: plain('The options as they are in the URL.', from(queryOf)),
    FRAGMENT: plain(
      'Always empty.',
      from(() => ''),
    ),
    USERNAME: secret(
      'The user, decoded.',
      from(({ user }) => user),
    ),
    PASSWORD: secret(
      'The password, decoded.',
      from(({ password }) => password),
    ),
    HOSTNAME: plain(
      'The host.',
      from(({ host }) => host),
    ),
    PORT: plain(
      'The port.',
      from(({ port }) => String(port)),
    ),
  };
}

function netlocOf(service: Service): string {
  const { user = '', password } = service;
  const userInfo = password === undefined ? '' : `${encode(user)}:${encode(password)}@`;
  return userInfo + authority(service);
}

const pathOf = ({ path }: Service): string => (path === undefined ? '' : `/${encode(path)}`);

const queryOf = ({ options }: Service): string =>
  Object.entries(options)
    .map(([key, text]) => `${encode(key)}=${encode(text)}`)
    .join('&');
