/** Where a proxy serves the application, as it says so itself. */
import { theirName } from './databag.ts';
import { httpUrl } from './http-url.ts';
import { type Answer, type Relation, refused } from './types.ts';

/** A URL without a slash at the end: `https://shop.example.com`. */
export interface ProxyUrl {
  readonly url: string;
}

/** Takes what the other side calls a URL, which becomes a variable of the application. */
export function proxyUrl(relation: Relation, text: unknown): Answer<ProxyUrl> {
  const url = typeof text === 'string' ? httpUrl(text) : undefined;
  if (url === undefined) return refused(`${theirName(relation)} gave a URL that is not of http or https`);
  url.hash = '';
  return { kind: 'ready', connection: { url: url.href.replace(/\/+$/, '') } };
}
