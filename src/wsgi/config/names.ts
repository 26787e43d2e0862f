import { isPackage } from '../../system/dpkg.ts';
import type { PythonWish } from '../../system/interpreter.ts';
import { atMost, BadValue, shown } from './values.ts';

/** Where the WSGI callable is. Source: gunicorn's APP_MODULE. */
export interface ModuleSpec {
  /** Dotted path of the module: `shop.wsgi`. */
  readonly module: string;
  /** Name of the callable in it, or a call of a factory: `application`, `create_app()`. */
  readonly callable: string;
}

/** A Debian package as apt-get takes it. */
export type PackageName = string;
/** Of a build; also the name of its folder. */
export type Label = string;

const MODULE = /^[\p{ID_Start}_][\p{ID_Continue}-]*(\.[\p{ID_Start}_][\p{ID_Continue}-]*)*$/u;
const CALLABLE = /^[\p{ID_Start}_]\p{ID_Continue}*(\([^\p{Cc}]*\))?$/u;

/** `shop.wsgi:application`; the callable is `application` where only a module is named, as gunicorn has it. */
export function moduleSpec(text: string): ModuleSpec {
  const colon = atMost(1024, text).indexOf(':');
  const module = (colon < 0 ? text : text.slice(0, colon)).trim();
  const callable = colon < 0 ? 'application' : text.slice(colon + 1).trim();
  if (MODULE.test(module) && CALLABLE.test(callable)) return { module, callable };
  const right = 'MODULE:CALLABLE such as wsgi:application is right';
  if (module.includes('/') || module.endsWith('.py')) {
    throw new BadValue(`${shown(text)} is a file; the module's dotted path is needed: ${right}`);
  }
  if (MODULE.test(module) && callable.includes('.')) {
    throw new BadValue(`${shown(text)}: gunicorn takes no dots in the callable; ${right}`);
  }
  throw new BadValue(`${text === '' ? 'is empty' : `${shown(text)} is not a WSGI callable`}; ${right}`);
}

/** A module spec as gunicorn's command line takes it; empty for an application without a web server. */
export function moduleText(spec: ModuleSpec | undefined): string {
  return spec === undefined ? '' : `${spec.module}:${spec.callable}`;
}

/** Names separated by white space, each once, in order. */
export function packageNames(text: string): readonly PackageName[] {
  const names = [...new Set(words(atMost(65_536, text)))];
  const bad = names.find((name) => name.length > 255 || !isPackage(name));
  if (bad === undefined) return names;
  const right = bad.includes(',') ? 'separate the names by spaces' : 'names such as libpq5 are right';
  throw new BadValue(`${shown(bad)} is not the name of a Debian package; ${right}`);
}

/** Labels name folders below the application root; `latest` and `current` are links there. */
export function label(text: string): Label {
  if (text === 'latest' || text === 'current') {
    throw new BadValue(`${shown(text)} is the name of a link to a build; a build needs another label, such as r2`);
  }
  if (LABEL.test(text)) return text;
  const wrong = text === '' ? 'is empty' : `${shown(text)} is not a label`;
  throw new BadValue(`${wrong}; letters, digits and . _ + ~ - are right, at most 64, such as r2`);
}

const LABEL = /^[A-Za-z0-9][A-Za-z0-9._+~-]{0,63}$/;

/** A label, or `latest`. */
export function labelOrLatest(text: string): Label | 'latest' {
  if (text === 'latest') return text;
  if (text !== 'current') return label(text);
  throw new BadValue('"current" is the link that this option moves; a label such as r2, or latest, is right');
}

/** `sync`, `gthread`, or a class in Python notation. Source: gunicorn's worker_class setting. */
export function workerClass(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_.#:+-]{0,254}$/.test(text)) return text;
  throw new BadValue(`${shown(text)} is not a worker class; sync, gthread or a class in Python notation is right`);
}

/** A program by its absolute path, or a version such as `3.13`; undefined for the machine's own python3. */
export function pythonWish(text: string): PythonWish | undefined {
  if (text === '') return undefined;
  if (/^(?:\/[\w.+-]+)+$/.test(text) && !text.includes('..')) return { kind: 'path', path: text };
  const [, minor] = /^3\.(\d{1,2})(?:\.\d{1,2})?$/.exec(text) ?? [];
  if (minor !== undefined && Number(minor) >= 10) return { kind: 'version', version: text };
  if (/^[23](\.\d+)*$/.test(text))
    throw new BadValue(`${shown(text)} is too old or names no release; 3.10 or newer is right`);
  throw new BadValue(
    `${shown(text)} is no Python; a path such as /usr/bin/python3.12 or a version such as 3.13 is right`,
  );
}

/** Source of the bound: PostgreSQL cuts identifiers at 63 bytes; the characters are those that MongoDB takes too. */
export function databaseName(text: string): string | undefined {
  if (text === '') return undefined;
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}$/.test(text)) return text;
  throw new BadValue(`${shown(text)} is not the name of a database; letters, digits, _ and - are right, at most 63`);
}

/** Names separated by commas or spaces. Extensions may name their schema: `unaccent:public` or `unaccent(public)`. */
export function databaseNames(text: string): readonly string[] {
  const names = [...new Set(atMost(4096, text).split(/[\s,]+/))].filter((name) => name !== '');
  const bad = names.find((name) => !DATABASE_NAME.test(name));
  if (bad === undefined) return names;
  throw new BadValue(`${shown(bad)} is not a name; names separated by commas are right`);
}

const DATABASE_NAME =
  /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(:[A-Za-z0-9_][A-Za-z0-9_-]{0,62}|\([A-Za-z0-9_][A-Za-z0-9_-]{0,62}\))?$/;

/** Scopes separated by blanks. Source of the characters: RFC 6749, section 3.3; of `openid`: OpenID Connect Core, section 3.1.2.1. */
export function oauthScopes(text: string): readonly string[] {
  const scopes = [...new Set(words(atMost(1024, text)))];
  const bad = scopes.find((scope) => !/^[!#-[\]-~]+$/.test(scope));
  if (bad !== undefined) {
    throw new BadValue(
      `${shown(bad)} is not a scope; scopes separated by blanks are right, as in openid profile email`,
    );
  }
  if (scopes.includes('openid')) return scopes;
  throw new BadValue(
    'lacks the scope openid, without which the application does not learn who logs in; openid profile email is right',
  );
}

/** Targets of make(1), one or several; never an option or a variable. */
export function makeTargets(text: string): readonly string[] {
  const targets = words(atMost(1024, text));
  const bad = targets.find((target) => !/^[A-Za-z0-9_.][A-Za-z0-9_./%+@-]*$/.test(target));
  if (bad === undefined) return targets;
  throw new BadValue(`${shown(bad)} is not the name of a Makefile target; a name such as update is right`);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
