/** Secrets with a mark, so that each is found wherever it comes to be. */
import { answering } from '../setup/wsgi-model.ts';

/** Begins all of them. */
export const MARK = 'not-to-be-told';

/** `/` and `@` are encoded in a URL. */
export const SECRETS = {
  environment: `${MARK} of the environment`,
  cache: `${MARK}-cache/p@ssword`,
  pgsql: `${MARK}-pgsql/p@ssword`,
  juju: `${MARK}-juju/p@ssword`,
  assets: `${MARK}-assets-password`,
  index: `${MARK}-index-password`,
  proxy: `${MARK}-proxy-password`,
} as const;

/** What an application prints that should not, as expressions of Python: whole values, and passwords out of them. */
const TOLD = [
  "os.environ['TOKEN']",
  "os.environ['DATABASE_URL']",
  "os.environ['POSTGRESQL_DB_PASSWORD']",
  "os.environ['MONGODB_DB_PASSWORD']",
  "urllib.parse.unquote(urllib.parse.urlsplit(os.environ['CACHE_URL']).password)",
];

/** Answers with its secrets, a line each; with the variable TELL it does not start, and tells them in its last line. */
export const tellingApplication = answering(
  `'\\n'.join(os.environ[name] for name in ['DATABASE_URL', 'MONGO_URL', 'TOKEN', 'CACHE_URL'])`,
  `import urllib.parse\nif 'TELL' in os.environ: raise RuntimeError(' '.join(['told:', ${TOLD.join(', ')}]))`,
);

/** @param places what is in each; @returns which secret is where, as it is or as in a URL */
export function secretsIn(places: Readonly<Record<string, string>>): string[] {
  return Object.entries(places).flatMap(([place, content]) =>
    Object.entries(SECRETS)
      .filter(([, value]) => content.includes(value) || content.includes(encodeURIComponent(value)))
      .map(([name]) => `${name} in ${place}`),
  );
}
