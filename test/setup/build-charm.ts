/** Builds the charm once for all tests of a run that deploy it, beside whatever lies in dist. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { makeDirectory, readCharm } from '../../packages/charm-build/make.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The charm directory, as `npm run build` makes it. */
    charm: string;
  }
}

export default async function buildCharm(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-charm-'));
  const charm = join(folder, 'charm');
  await makeDirectory(await readCharm(PROJECT), charm, { architecture: ownArchitecture(), runtime: 'bundled' });
  project.provide('charm', charm);
  return () => rm(folder, { recursive: true, force: true });
}
