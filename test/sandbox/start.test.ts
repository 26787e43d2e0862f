import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { PROJECT } from '../../src/build/package.ts';

const run = promisify(execFile);

test('npm start, off a terminal, shows the status and the page, leaves nothing behind and succeeds', async () => {
  const before = await readdir(tmpdir());
  const { stdout } = await run('npm', ['start'], { cwd: PROJECT });
  expect(stdout).toMatch(/^wsgi\/0\* +active +idle +0 +127\.\S+ +8080\/tcp +serving r1 on port 8080$/m);
  expect(stdout).toMatch(/\$ curl http:\/\/127\.\S+\nIt works! Revision 1\n/);
  const models = (await readdir(tmpdir())).filter((name) => name.startsWith('wsgi-charm-') && !before.includes(name));
  expect(models).toEqual([]);
});
