/** `npm run record`: runs `npm start`, and writes what it prints as docs/start.svg, which the README shows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { PROJECT } from '../packages/charm-build/package.ts';
import { type Printed, recordingSvg } from './docs/recording.ts';

const began = Date.now();
const lines: Printed[] = [];
const child = spawn('npm', ['start', '--silent'], { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] });
createInterface({ input: child.stdout }).on('line', (line) => {
  console.log(line);
  lines.push({ at: Date.now() - began, text: stripVTControlCharacters(line) });
});
const [code] = await once(child, 'close');
if (code === 0) await writeFile(join(PROJECT, 'docs/start.svg'), recordingSvg('npm start', lines));
else process.exitCode = 1;
