import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMask } from '../../system/mask.ts';
import { secretValues } from './secret-values.ts';

const FILES = [
  { path: 'bakerydemo/settings/prod.py', text: "DATABASES = {'postgis': 1}\n" },
  { path: 'shop.py', text: "from flask import Flask\nqueue = 'orders-fast'\n" },
];
const secrets = (name: string, value: string) => secretValues(new Map([[name, value]]), () => FILES);

describe('values that stay readable', () => {
  it.each([
    ['DJANGO_SETTINGS_MODULE', 'site.settings.of.another.package'],
    ['FLASK_APP', 'a-long-name-of-something'],
    ['LANG', 'de_DE.UTF-8'],
    ['LC_MESSAGES', 'de_DE.UTF-8'],
    ['TZ', 'Europe/Vienna'],
    ['DB', 'postgres'],
    ['BACKEND', 'postgresql'],
    ['TIMEOUT', '86400.5'],
    ['VERBOSE', 'False'],
    ['TIER', 'gold'],
    ['SETTINGS', 'bakerydemo.settings.prod'],
    ['GEO', 'postgis'],
    ['QUEUE', 'orders-fast'],
  ])('%s=%s', (name, value) => {
    expect(secrets(name, value)).toEqual([]);
  });

  const settingName = fc.constantFrom('APP_MODE', 'RETRIES', 'REGION', 'WORKERS_HINT', 'FEATURE_X');
  const setting = fc.oneof(
    fc.integer().map(String),
    fc.boolean().map(String),
    fc.stringMatching(/^[a-z]{1,4}$/),
    fc
      .constantFrom('bakerydemo.settings.prod', 'bakerydemo/settings', 'postgis', 'Flask', 'orders-fast')
      .filter((value) => !value.includes('/')),
  );
  it('a line that names one is shown as it is', () => {
    fc.assert(
      fc.property(settingName, setting, (name, value) => {
        const line = `ModuleNotFoundError: No module named '${value}' in backends/${value}ql/`;
        expect(createMask(secrets(name, value))(line)).toBe(line);
      }),
    );
  });
});

describe('values that never do', () => {
  it.each([
    ['DB_PASSWORD', 'postgres'],
    ['DB_PASS', '12345678'],
    ['API_TOKEN', 'flask'],
    ['SECRET_KEY', 'true'],
    ['AWS_ACCESS_KEY_ID', 'bakerydemo.settings.prod'],
    ['DJANGO_SETTINGS_MODULE', 'redis://:hunter22@host/'],
    ['SENTRY_DSN', 'development'],
    ['GREETING', 'hunter2-and-more'],
    ['WORD', 'unheard'],
  ])('%s=%s', (name, value) => {
    expect(secrets(name, value)).toEqual([value]);
  });

  const word = fc.constantFrom(
    'PASSWORD',
    'PASSWD',
    'SECRET',
    'TOKEN',
    'API_KEY',
    'APIKEY',
    'PRIVATE_KEY',
    'AUTH',
    'CREDENTIALS',
  );
  const name = fc
    .tuple(fc.constantFrom('', 'DB_', 'MY_', 'django_', 'AWS_'), word, fc.constantFrom('', '_1', '_FILE', '_OLD'))
    .map((parts) => parts.join(''));
  it('a password, key or token is masked whatever it looks like', () => {
    const value = fc.oneof(
      fc.stringMatching(/^\d{3,12}$/),
      fc.constantFrom('postgis', 'true', 'flask'),
      fc.base64String({ minLength: 4 }),
    );
    fc.assert(
      fc.property(name, value, (secretName, secret) => {
        expect(createMask(secrets(secretName, secret))(`it is <${secret}>`)).toBe('it is <******>');
      }),
    );
  });

  it('user-info of a URL is masked under any name', () => {
    const password = fc.stringMatching(/^[A-Za-z0-9]{3,20}$/);
    fc.assert(
      fc.property(fc.constantFrom('FLASK_APP', 'DEBUG', 'BROKER', 'HOST'), password, (plain, secret) => {
        const url = `amqp://guest:${secret}@broker/`;
        const line = createMask(secrets(plain, url))(
          `login failed: '${secret}' for ${url}, amqp://me:${secret}@other/`,
        );
        expect(line.replaceAll('login failed', '').replaceAll('amqp', '').replaceAll('other', '')).not.toContain(
          `'${secret}'`,
        );
        expect(line).not.toContain(`:${secret}@`);
      }),
    );
  });
});
