import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';

const run = promisify(execFile);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'start-'));
});
afterAll(() => rm(scratch, { recursive: true }));

test('npm start, off a terminal, shows the status and the page, leaves nothing behind and succeeds', async () => {
  const { stdout } = await run('npm', ['start'], { cwd: PROJECT, env: { ...process.env, TMPDIR: scratch } });
  expect(stdout).toMatch(/^wsgi\/0\* +active +idle +0 +127\.\S+ +8080\/tcp +serving r1 on port 8080$/m);
  expect(stdout).toMatch(/\$ curl http:\/\/127\.\S+\nIt works! Revision 1\n/);
  expect((await readdir(scratch)).filter((name) => name.startsWith('wsgi-charm-'))).toEqual([]);
});
