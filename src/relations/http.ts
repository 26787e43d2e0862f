/** The `http` interface, both ways: our website, and a web service that the application uses. */
import * as z from 'zod/mini';
import { saidAnything, theirName, unitsByAge, value } from './databag.ts';
import { authority, readEndpoint } from './endpoint.ts';
import { type Answer, type Relation, type Request, refused, waiting } from './types.ts';

/**
 * What we publish while the service serves; the same to every reader, however many there are.
 * @param address The ingress address of the relation.
 */
export const provide = (address: string, port: number): Request => ({
  unit: { hostname: address, port: String(port), 'private-address': address },
  app: {},
});

/**
 * What takes the unit out of every reader's list: no port. The address stays, for Juju owns `private-address`, and
 * `hostname` without a port means nothing.
 */
export const withdraw: Request = { unit: { hostname: '', port: '' }, app: {} };

/** Where a web service is, without a slash at the end: `http://10.0.0.7:8000/api`. */
export interface WebService {
  readonly url: string;
}

/** What is kept of one from hook to hook. */
export const schema = z.object({ url: z.string() });

/**
 * Reads the service of the oldest unit that has given an address and a port.
 * @param scheme Wins over what the other side says; `http` when neither says anything.
 */
export function read(relation: Relation, scheme?: 'http' | 'https'): Answer<WebService> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const bags = [...unitsByAge(relation).map(([, bag]) => bag), relation.app];
  const answers = bags
    .filter((bag) => value(bag, 'port') !== undefined)
    .map((bag): Answer<WebService> => {
      const host = value(bag, 'hostname') ?? value(bag, 'private-address');
      if (host === undefined) return waiting(`${them} has not given a host yet`);
      const found = readEndpoint(host, value(bag, 'port'));
      if ('whyNot' in found) return refused(`${them} gave ${found.whyNot}`);
      const theirs = value(bag, 'protocol')?.toLowerCase();
      const protocol = scheme ?? (theirs === 'https' ? 'https' : 'http');
      const base = `${protocol}://${authority(found.endpoint)}`;
      if (!URL.canParse(base)) return refused(`${them} gave a host that is neither a name nor an address`);
      return { kind: 'ready', connection: { url: withPath(base, value(bag, 'path')) } };
    });
  return answers.find(({ kind }) => kind === 'ready') ?? answers[0] ?? waiting(`${them} has not given a port yet`);
}

/** Drops the scheme's own port and encodes what the path may not hold (WHATWG URL). */
function withPath(base: string, path: string | undefined): string {
  const url = new URL(base);
  const [pathname = '', query] = (path ?? '').split(/\?(.*)/s);
  url.pathname = pathname;
  if (query !== undefined) url.search = query;
  return url.href.replace(/\/$/, '');
}
