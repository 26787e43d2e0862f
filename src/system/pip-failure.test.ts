import { expect, test } from 'vitest';
import { explained } from './pip-failure.ts';

const PG_CONFIG = `  × Getting requirements to build wheel did not run successfully.
      Error: pg_config executable not found.

      pg_config is required to build psycopg2 from source.
ERROR: Failed to build 'psycopg2' when getting requirements to build wheel
`;
const DJANGO = `ERROR: Ignored the following yanked versions: 4.2.12, 5.0.5
ERROR: Ignored the following versions that require a different python version: 6.0 Requires-Python >=3.12; 6.0.1 Requires-Python >=3.13
ERROR: Could not find a version that satisfies the requirement django==6.0 (from versions: 1.1.3, 1.1.4)
ERROR: No matching distribution found for django==6.0
`;
const FLAT = `      error: Multiple top-level packages discovered in a flat-layout: ['shop', 'static', 'migrations'].
ERROR: Failed to build 'file:///srv/flat' when getting requirements to build wheel
`;
const BACKEND = `      ERROR: Could not find a version that satisfies the requirement setuptools>=40.8.0 (from versions: none)
      ERROR: No matching distribution found for setuptools>=40.8.0
ERROR: Failed to build 'tinypkg' when installing build dependencies for tinypkg
`;
const built = (line: string, name = 'thing') => `      ${line}\n  ERROR: Failed building wheel for ${name}\n`;

test.each([
  ['pg_config', PG_CONFIG, 'psycopg2 is built here and needs pg_config: add libpq-dev to apt_dependencies'],
  [
    'the Python that is needed, and the one here',
    DJANGO,
    'django==6.0 needs Python >=3.12, and this machine has 3.11; ask for a version of django that runs on it',
  ],
  [
    'the Python that a lock of uv asks for',
    "error: The requested interpreter resolved to Python 3.11.2, which is incompatible with the project's Python requirement: `>=3.14` (from `project.requires-python`)\n",
    'the project needs Python >=3.14, and this machine has 3.11: set python=3.14',
  ],
  [
    'a flat layout',
    FLAT,
    'pyproject.toml does not say which of shop, static, migrations are the package; add [tool.setuptools] packages = ["..."]',
  ],
  [
    'a C compiler',
    built('Exception: you need a C compiler to build uWSGI', 'uWSGI'),
    'uWSGI is built here and needs gcc: add gcc python3-dev to apt_dependencies',
  ],
  [
    "setuptools' compiler",
    built("error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory"),
    'thing is built here and needs x86_64-linux-gnu-gcc: add gcc python3-dev to apt_dependencies',
  ],
  [
    "Python's header",
    built('thing.c:1:10: fatal error: Python.h: No such file or directory'),
    'thing is built here and needs Python.h: add python3-dev to apt_dependencies',
  ],
  [
    'a header in a folder',
    built('thing.c:1:10: fatal error: openssl/ssl.h: No such file or directory'),
    'thing is built here and needs openssl/ssl.h: add libssl-dev to apt_dependencies',
  ],
  [
    'a header of a package that is not known',
    built('thing.c:1:10: fatal error: odd/thing.h: No such file or directory'),
    'thing is built here and needs odd/thing.h; add the Debian package that has it to apt_dependencies',
  ],
  [
    'a library',
    built('/usr/bin/ld: cannot find -lmagic: No such file or directory'),
    'thing is built here and needs magic: add libmagic-dev to apt_dependencies',
  ],
  ['nothing that is known', built('error: out of luck'), undefined],
])('%s', (_, said, line) => {
  expect(explained(said, '3.11', false)).toBe(line);
});

test('a build backend that the folder of packages lacks', () => {
  expect(explained(BACKEND, '3.11', true)).toBe(
    'tinypkg is built with setuptools>=40.8.0, which pip_cache_dir lacks; put it there, or a wheel of tinypkg in place of its source',
  );
});
