/** Which values of the environment no status or log may show. */
import type { Variables } from '../config/environment-variables.ts';
import type { PythonFile } from '../source/python-files.ts';

/** A name that says that its value is secret, whatever the value looks like. */
const SECRET_NAME =
  /PASS(?!IVE|ENGER)|PWD|SECRET|TOKEN|KEY|CREDENTIAL|AUTH|SALT|DSN|SIGN|PRIVATE|CERT|NETLOC|COOKIE|SESSION|LICEN[CS]E|(?:^|_)(?:PIN|OTP|PW|SAS|JWT|URLS?|URI|STRING|USERNAME)(?:_|$)|(?:^|_)CONN/i;

/** A setting that many applications have under this name, and that is no secret. */
const PLAIN_NAMES: ReadonlySet<string> = new Set([
  ...['HOME', 'HOST', 'HOSTNAME', 'LANG', 'LANGUAGE', 'PORT', 'TMPDIR', 'TZ', 'NO_PROXY', 'no_proxy'],
  ...['DJANGO_SETTINGS_MODULE', 'DJANGO_CONFIGURATION', 'DJANGO_ENV', 'DJANGO_DEBUG', 'DJANGO_ALLOWED_HOSTS'],
  ...['DJANGO_LOG_LEVEL', 'ALLOWED_HOSTS', 'STATIC_ROOT', 'MEDIA_ROOT', 'STATIC_PATH', 'MEDIA_PATH'],
  ...['FLASK_APP', 'FLASK_ENV', 'FLASK_DEBUG', 'FLASK_CONFIG', 'FLASK_RUN_HOST', 'FLASK_RUN_PORT'],
  ...['APP_ENV', 'APP_MODULE', 'APP_SETTINGS', 'APP_CONFIG', 'CONFIG', 'DEBUG', 'ENV', 'ENVIRONMENT', 'MODE', 'STAGE'],
  ...[
    'LOG_LEVEL',
    'LOGLEVEL',
    'LOGGING_LEVEL',
    'LOG_FORMAT',
    'WEB_CONCURRENCY',
    'CELERY_APP',
    'PYRAMID_RELOAD_TEMPLATES',
  ],
  ...[
    'DB',
    'DB_ENGINE',
    'DB_NAME',
    'DB_HOST',
    'DB_PORT',
    'DATABASE_ENGINE',
    'DATABASE_NAME',
    'DATABASE_HOST',
    'DATABASE_PORT',
  ],
  ...['REDIS_HOST', 'REDIS_PORT', 'SMTP_HOST', 'SMTP_PORT', 'EMAIL_HOST', 'EMAIL_PORT'],
]);
const PLAIN_FAMILY = /^(?:LC_[A-Z]+|PYTHON[A-Z]+|GUNICORN3_[A-Z]+)$/;

/** Characters that are too few to keep a secret. */
const FEW = 4;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;
const BOOLEAN = /^(?:true|false|yes|no|on|off|none|null)$/i;
/** Words that applications take as a setting, whether or not their code names them. */
const SETTING =
  /^(?:prod|production|dev|devel|development|stag(?:e|ing)|test(?:ing)?|local(?:host)?|debug|info|warn(?:ing)?|error|critical|postgres(?:ql)?|mysql|mariadb|sqlite3?|mongo(?:db)?|redis|memcached|rabbitmq|json|text|console|default|simple|utf-?8)$/i;
/** Words of letters, perhaps with a number at the end of each: what a key or a password seldom looks like. */
const WORDS = /^_*[A-Za-z]+\d{0,2}(?:[._-]+[A-Za-z]+\d{0,2})*$/;

/**
 * The values among these variables that are secret. A password in a URL is one wherever it stands, so these count whole.
 *
 * @param files - the application's Python files; asked for only where a value may be a word of its code
 */
export function secretValues(variables: Variables, files: () => readonly PythonFile[]): string[] {
  let known: readonly PythonFile[] | undefined;
  const inBuild = (word: string): boolean => {
    known ??= files();
    return standsIn(known, word);
  };
  return [...variables].filter(([name, value]) => !isPlain(name, value, inBuild)).map(([, value]) => value);
}

function isPlain(name: string, value: string, inBuild: (word: string) => boolean): boolean {
  if (/:\/\/[^\s/]*@/.test(value)) return false;
  if (PLAIN_NAMES.has(name) || PLAIN_FAMILY.test(name)) return true;
  if (SECRET_NAME.test(name)) return false;
  if (value.length <= FEW || NUMBER.test(value) || BOOLEAN.test(value) || SETTING.test(value)) return true;
  return WORDS.test(value) && inBuild(value);
}

/** A module of the build by its dotted path, or a word of its code. */
function standsIn(files: readonly PythonFile[], word: string): boolean {
  const path = word.replaceAll('.', '/');
  const modules = [`${path}.py`, `${path}/__init__.py`];
  const whole = new RegExp(`(?<![\\w.-])${word.replaceAll('.', '\\.')}(?![\\w-])`);
  return files.some((file) => modules.includes(file.path) || whole.test(file.text));
}
