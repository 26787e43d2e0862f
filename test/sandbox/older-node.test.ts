/** The charm without a runtime of its own, on a machine with the oldest Node that it takes, and with the one after. */
import { copyFile, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Architecture, cachedRuntime, ownArchitecture, PACKAGES } from '../../packages/charm-build/runtime.ts';
import { newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const OLDEST = '18.19.0';
const NEXT = '20.5.1';
/** sha512 of the packages, as the registry gave it when they were first taken. */
const INTEGRITY: Readonly<Record<Architecture, Readonly<Record<string, string>>>> = {
  amd64: {
    [OLDEST]: 'sha512-Bfpa4442AN+AaZ5N1DPqeujwpmDSRFUyHqC/Es7K5N6+zf14rFrjHFZFtU0QZLflzMYNpwFBPldYKaKDU1DVHw==',
    [NEXT]: 'sha512-uCes7Mx8uHdH2E+fvpQJENcPCdXA9+BHB6303Y1PeZQ4gc8j3SxflJLMgv6qXhN3Cxx9j8Z55YJBYklruyWzXQ==',
  },
  arm64: {
    [OLDEST]: 'sha512-3oVcZrhbtQmRPx7/57pXMQG/t11TM5ZjJxl8r/vo6pT3rAw6PQv7nhm1vxkgdflsuskgS/0PK5XZLI58yruy8g==',
    [NEXT]: 'sha512-WHnIFXqNLdKux9lwJnu97KpGy738B9J7fbGn2Qze9cYAUEv6PVZSp4A8XO626YTw2gBU4g5Owb77F3xTB7VYsA==',
  },
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'older-node-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function node(version: string): Promise<string> {
  const architecture = ownArchitecture();
  const integrity = INTEGRITY[architecture][version];
  if (integrity === undefined) throw new Error(`no package of Node ${version} is pinned`);
  return (await cachedRuntime(PACKAGES[architecture], { version, integrity })).binary;
}

/** The charm with that Node where its own would be, so that the launchers find it whatever else the machine has. */
async function charmWith(version: string): Promise<string> {
  const charm = join(folder, version, 'wsgi');
  await cp(inject('charm'), charm, { recursive: true, filter: (path) => !path.endsWith('runtime') });
  await mkdir(join(charm, 'runtime/bin'), { recursive: true });
  await copyFile(await node(version), join(charm, 'runtime/bin/node'));
  return charm;
}

test.each([OLDEST, NEXT])('all of its code loads on Node %s', async (version) => {
  const lib = join(inject('charm'), 'lib');
  const files = (await readdir(lib)).filter((name) => name.endsWith('.cjs') && name !== 'entry.cjs');
  const program = `for (const name of ${JSON.stringify(files)}) require('./' + name); console.log(process.version)`;
  // The entry runs a hook when it is loaded: one that knows no unit, and so fails at once.
  const { stdout, stderr } = await execa(await node(version), ['-e', program], { cwd: lib, reject: false });
  expect(stdout, stderr).toBe(`v${version}`);
});

test(`a unit is deployed on Node ${OLDEST}, and refreshed to Node ${NEXT}`, async () => {
  await using model = await newModel();
  await model.deploy(await charmWith(OLDEST), { application: 'wsgi', config: { port: '8080', ...QUICK } });
  const version = async () => (await model.unit('wsgi/0').exec('runtime/bin/node --version')).results.stdout;
  expect(String(await version()).trim()).toBe(`v${OLDEST}`);
  await model.config('wsgi', { build_label: 'r2' });
  expect(await page(model)).toBe('It works! Revision 2');
  await model.refresh('wsgi', { path: await charmWith(NEXT) });
  expect(String(await version()).trim()).toBe(`v${NEXT}`);
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r2 on port 8080' });
});
