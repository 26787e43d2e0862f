/**
 * `npm run package`: dist/package, this package as charm authors install it, and dist/layer-wsgi-VERSION.tgz of it.
 * The modules are JavaScript with types there; everything else lies where it does in the repository.
 */
import { spawnSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Compilers } from '../packages/charm-build/init.ts';
import { PROJECT } from '../packages/charm-build/package.ts';
import { PINS, runtimePins } from '../packages/charm-build/runtime.ts';

const OUTPUT = join(PROJECT, 'dist/package');
/** What composing charms needs besides the modules. */
const SHIPPED = [
  'LICENSE',
  'README.md',
  'actions.yaml',
  'config.yaml',
  'layer.yaml',
  'metadata.yaml',
  'templates',
  'wheels',
  'wsgi.yaml',
];
/** TypeScript is compiled; fixtures and tests stay here. */
const UNSHIPPED = /(?<!skeleton\/.*)\.ts$|__pycache__/;

const Package = z.looseObject({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
  devDependencies: Compilers,
});

await rm(OUTPUT, { recursive: true, force: true });
await mkdir(OUTPUT, { recursive: true });
run('tsc', '--project', 'tsconfig.package.json');
for (const folder of ['src', 'packages']) {
  await cp(join(PROJECT, folder), join(OUTPUT, folder), { recursive: true, filter: (path) => !UNSHIPPED.test(path) });
}
for (const name of SHIPPED) await cp(join(PROJECT, name), join(OUTPUT, name), { recursive: true });
await writeJson(PINS, await runtimePins(PROJECT));

const { name, version, description, license, dependencies, optionalDependencies, devDependencies } = Package.parse(
  JSON.parse(await readFile(join(PROJECT, 'package.json'), 'utf8')),
);
const entry = (folder: string) => ({ types: `./${folder}/index.d.ts`, default: `./${folder}/index.js` });
await writeJson('package.json', {
  name,
  version,
  description,
  license,
  type: 'module',
  engines: { node: '>=24' },
  bin: { 'wsgi-charm': 'src/cli.js' },
  exports: {
    '.': { types: './src/index.d.ts', default: './src/index.js' },
    './juju': entry('src/juju'),
    './reactive': entry('src/reactive'),
    './relations': entry('src/relations'),
    './testing': entry('packages/charm-testing'),
    './package.json': './package.json',
  },
  dependencies,
  optionalDependencies,
  devDependencies,
});
await chmod(join(OUTPUT, 'src/cli.js'), 0o755);
// npm says the name of the file alone.
run('sh', '-c', 'npm pack "$1" --silent --pack-destination dist >/dev/null', 'pack', OUTPUT);
console.log(`dist/${name}-${version}.tgz`);

async function writeJson(file: string, data: unknown): Promise<void> {
  await writeFile(join(OUTPUT, file), `${JSON.stringify(data, undefined, 2)}\n`);
}

function run(program: string, ...args: string[]): void {
  const { status } = spawnSync(program, args, { cwd: PROJECT, stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}
