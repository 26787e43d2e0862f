import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalModel } from '../../packages/local-juju/local-model.ts';
import { answering, archiveOf, deployWsgi, page, statusOf } from '../setup/wsgi-model.ts';

/** Echoes its whole environment, byte for byte. */
const ECHO = answering(
  'json.dumps({os.fsdecode(k): os.fsdecode(v) for k, v in os.environb.items()}, ensure_ascii=False)',
);

let model: LocalModel;
beforeAll(async () => {
  model = await LocalModel.create();
  await deployWsgi(model, {}, { resources: { build: await archiveOf({ 'wsgi.py': ECHO, BUILD_LABEL: 'echo' }) } });
});
afterAll(() => model.destroy());

async function environment(): Promise<Record<string, string>> {
  return JSON.parse(await page(model));
}

/** As a careful person types a value in Bash. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

test('values reach the application byte for byte, and nothing in them is expanded or run', async () => {
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  const values: Record<string, string> = {
    ASCII: printable,
    LINES: 'one\ntwo\n\tthree\n',
    UNICODE: 'Grüße, 世界 🌍 \u00a0',
    COMMAND: `$(touch x) \`touch x\` \${HOME} $HOME`,
    SPECIFIERS: '%n %i %% %H %',
    QUOTES: `it's "both" \\ and \\n and \\"`,
    EMPTY: '',
    EQUALS: 'a=b=c #not a comment',
    SPACES: '  around  ',
  };
  const text = Object.entries(values).map(([name, value]) => `${name}=${quoted(value)}`);
  await model.config('wsgi', { environment_variables: text.join('\n') });
  expect(await statusOf(model)).toMatchObject({ current: 'active' });
  expect(await environment()).toMatchObject(values);
});

test('the forms of Bash: bare, escaped, in double quotes; dollars stay as typed', async () => {
  await model.config('wsgi', {
    environment_variables: `A=1 B="two words" C='it'\\''s' D=a=b E=a\\ b F="$HOME \\$x $(id)" G=$(id)`,
  });
  expect(await environment()).toMatchObject({
    A: '1',
    B: 'two words',
    C: "it's",
    D: 'a=b',
    E: 'a b',
    F: '$HOME $x $(id)',
    G: '$(id)',
  });
});

test('random values', async () => {
  const name = fc
    .stringMatching(/^[A-Z][A-Z0-9_]{0,10}$/)
    .filter((text) => !/^(PATH|LISTEN|NOTIFY|GUNICORN|HOME|LANG)/.test(text));
  const value = fc
    .string({ unit: 'binary', maxLength: 60 })
    .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text.replace(/[\n\t]/g, '')));
  const environments = fc.dictionary(name, value, { minKeys: 1, maxKeys: 8 });
  const property = fc.asyncProperty(environments, async (values) => {
    const text = Object.entries(values).map(([key, one]) => `${key}=${quoted(one)}`);
    await model.config('wsgi', { environment_variables: text.join(' ') });
    expect(await environment()).toMatchObject({ ...values });
  });
  await fc.assert(property, { numRuns: Number(process.env.LONG_RUNS ?? 6) });
});
