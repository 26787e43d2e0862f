import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { pythonWith } from '../servers/python.ts';
import { exampleCharm } from '../setup/example-charm.ts';

/** charm-tools looks for its plugins by pkg_resources, which later setuptools do not have. */
const CHARM_TOOLS = ['charm-tools==3.0.9', 'setuptools==65.5.1'];

let folder: string;
let python: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'charm-proof-'));
  python = await pythonWith(CHARM_TOOLS);
});
afterAll(() => rm(folder, { recursive: true }));

/** What `charm proof` has to say of a charm directory, without its remarks of level I. */
async function proof(charm: string): Promise<string[]> {
  const program = 'import sys; from charmtools.proof import main; sys.exit(main())';
  const { stdout, stderr } = await execa(python, ['-c', program, charm], { reject: false });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '' && !line.startsWith('I: '));
}

test('charm proof finds no error in the charm', async () => {
  const charm = join(folder, 'wsgi');
  await cp(inject('charm'), charm, { recursive: true });
  expect((await proof(charm)).filter((line) => line.startsWith('E: '))).toEqual([]);
});

test.each(['django-site', 'resource-app'])('charm proof finds no error in the example %s', async (name) => {
  expect((await proof(await exampleCharm(name))).filter((line) => line.startsWith('E: '))).toEqual([]);
});
