/** URLs of http and https in databags. */

/** @returns undefined for what is none, or names a user: a URL that others may see holds no password. */
export function httpUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && url.username === '' && url.password === '' && url.hostname !== '';
  return isPlain && ['http:', 'https:'].includes(url.protocol) ? url : undefined;
}

/** Whether the text can be given on as it is: a URL parser would pass over white space that others stumble over. */
export const isHttpUrl = (text: string): boolean => httpUrl(text) !== undefined && /^[!-~]+$/.test(text);
