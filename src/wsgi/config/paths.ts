import { atMost, BadValue, shown } from './values.ts';

/** Absolute, normal: no `.`, `..`, doubled or trailing slash. */
export type AbsolutePath = string;
/** Below some folder: no leading slash, no `..`. */
export type RelativePath = string;
/** Of a request, with its query if any: begins with a slash. */
export type UrlPath = string;

/** Characters that a shell, logrotate(8) or systemd would read as more than a name. */
const ODD = /[\s\p{C}"'\\*?[\]{}$`|&;<>()!#%]/u;

/** @throws BadValue for a path that steps up, or holds characters that have a meaning of their own somewhere */
function checked(text: string): string {
  atMost(1024, text);
  if (text.split('/').some((part) => part === '..'))
    throw new BadValue(`${shown(text)} has .. in it; name the folder itself`);
  const [odd] = ODD.exec(text) ?? [];
  if (odd === undefined) return text;
  throw new BadValue(`${shown(text)} has ${shown(odd)} in it; letters, digits and . _ - + @ , : = ~ are right`);
}

/** Without `.` and doubled slashes, and without a slash at the end. */
function normal(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}

/** @throws BadValue unless it is a path from the root that steps nowhere up */
export function absolutePath(text: string): AbsolutePath {
  if (!text.startsWith('/'))
    throw new BadValue(`${shown(text)} does not begin with a slash; a path such as /srv is right`);
  return normal(checked(text));
}

/** A path below the application; undefined for an empty one. */
export function pathWithin(text: string): RelativePath | undefined {
  if (text === '') return undefined;
  if (text.startsWith('/'))
    throw new BadValue(`${shown(text)} begins with a slash; a path within the application is right`);
  const path = normal(checked(text));
  if (path !== '') return path;
  throw new BadValue(`${shown(text)} is the application itself; a path within it is right`);
}

/** Paths below the application, separated by spaces or commas. */
export function pathsWithin(text: string): readonly RelativePath[] {
  const paths = atMost(65_536, text)
    .split(/[\s,]+/)
    .map(pathWithin);
  return paths.filter((path) => path !== undefined);
}

/** A path below the application, or from the root; undefined for an empty one. */
export function pathWithinOrAbsolute(text: string): RelativePath | AbsolutePath | undefined {
  return text.startsWith('/') ? absolutePath(text) : pathWithin(text);
}

/** A file below /var/log or the application root; undefined for an empty one. */
export function logFile(applicationRoot: AbsolutePath): (text: string) => AbsolutePath | undefined {
  return (text) => {
    if (text === '') return undefined;
    const path = text.endsWith('/') ? '' : absolutePath(text);
    if (['/var/log', applicationRoot].some((folder) => path.startsWith(`${folder}/`))) return path;
    throw new BadValue(`${shown(text)} is not a file below /var/log or ${applicationRoot}; /var/log/NAME.log is right`);
  };
}

/** The path of a request; a missing slash at its beginning is added. Source: RFC 3986 section 3.3 and 3.4. */
export function urlPath(text: string): UrlPath {
  const path = text.startsWith('/') ? text : `/${text}`;
  if (/^[!$&-;=?-Z_a-z~%[\]]*$/.test(atMost(1024, path)) && !/%(?![0-9A-Fa-f]{2})/.test(path)) return path;
  throw new BadValue(
    `${shown(text)} is not the path of a URL; percent-encode what is not a letter, digit or one of / . _ - ? = &`,
  );
}

/** The name of one file. */
export function fileName(text: string): string {
  if (text === '') throw new BadValue('is empty; a file name such as code_archive.tgz is right');
  if (text.includes('/')) throw new BadValue(`${shown(text)} is a path; a file name such as code_archive.tgz is right`);
  if (text !== '.' && atMost(255, checked(text)) === text && !text.startsWith('-')) return text;
  throw new BadValue(`${shown(text)} is not a file name; a name such as code_archive.tgz is right`);
}
