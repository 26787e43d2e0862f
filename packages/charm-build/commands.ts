/** `wsgi-charm init`, `check`, `build`, `pack` and `build-layer`. */
import { join, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { Listr } from 'listr2';
import type { CharmParts } from './charm.ts';
import { TYPES_FILE, writeCharmTypes } from './charm-types.ts';
import { initCharm, PARTS, type Part } from './init.ts';
import { LAYER } from './layer/layer-tree.ts';
import { makeArchive, makeArchiveAsIs, makeDirectory, makeLayer, type Packed, readCharm } from './make.ts';
import { ARCHITECTURES, type Architecture, ownArchitecture } from './runtime.ts';
import { size } from './size.ts';

interface Choices {
  readonly output?: string;
  readonly layers?: readonly string[];
  readonly runtime: 'bundled' | 'system';
}

/** The commands that make charms, for the program's command line. They throw CharmError for what the author can mend. */
export function buildCommands(): Command[] {
  return [init(), check(), build(), pack(), buildLayer()];
}

function init(): Command {
  return new Command('init')
    .description('make a small charm of your own in a new folder: handlers, a test, and what builds it')
    .argument('<name>', 'name of the charm, and of the folder')
    .addOption(
      new Option('--with <part...>', 'what it has besides: a worker beside the web server').choices(PARTS).default([]),
    )
    .action(async (name: string, { with: parts }: { readonly with: readonly Part[] }) => {
      for (const path of await initCharm(resolve(name), name, parts)) console.log(`${name}/${path}`);
      console.log(`\nNext: cd ${name} && npm install && npm test`);
    });
}

function check(): Command {
  return new Command('check')
    .description(`say each mistake in the YAML of a charm, and write ${TYPES_FILE}: its names, for the compiler`)
    .argument('[folder]', 'where the charm is', '.')
    .addOption(layersOption())
    .action(async (folder: string, { layers }: Pick<Choices, 'layers'>) => {
      const parts = await readCharm(resolve(folder), layers ?? layersFromEnvironment());
      await writeCharmTypes(resolve(folder), parts, 'anywhere');
      console.log(`${join(folder, TYPES_FILE)}: names of ${parts.metadata.name}`);
    });
}

function build(): Command {
  return withChoices(new Command('build'), 'dist/charm')
    .description('compose a charm directory from layer.yaml, ready for juju deploy')
    .addOption(architectureOption())
    .action(async (folder: string, choices: Choices & { readonly arch: Architecture }) => {
      const output = resolve(choices.output ?? join(folder, 'dist/charm'));
      const parts = await readCharm(resolve(folder), choices.layers ?? layersFromEnvironment());
      await writeCharmTypes(resolve(folder), parts, 'there');
      const files = await makeDirectory(parts, output, { architecture: choices.arch, runtime: choices.runtime });
      console.log(`${relative('', output)}: ${parts.metadata.name} for ${choices.arch}, ${files} files`);
    });
}

function pack(): Command {
  return withChoices(new Command('pack'), 'dist')
    .description('pack NAME_ARCHITECTURE.charm, one for each architecture; NAME.charm where there is nothing to build')
    .addOption(
      new Option('--arch <architecture...>', 'of the machines').choices(ARCHITECTURES).default([ownArchitecture()]),
    )
    .action(async (folder: string, choices: Choices & { readonly arch: readonly Architecture[] }) => {
      const output = resolve(choices.output ?? join(folder, 'dist'));
      const asIs = await makeArchiveAsIs(resolve(folder), output);
      if (asIs !== undefined) return console.log(relative('', asIs));
      const packed = await packAll(resolve(folder), output, choices);
      for (const each of packed) console.log(summary(each));
    });
}

function buildLayer(): Command {
  return new Command('build-layer')
    .description('make layer:wsgi for charm build, for charms with handlers in Python')
    .option('-o, --output <folder>', 'where to write the folder wsgi, for $CHARM_LAYERS_DIR', 'dist/layer')
    .addOption(architectureOption())
    .addOption(runtimeOption())
    .action(async ({ output, arch, runtime }: Pick<Choices, 'runtime'> & { output: string; arch: Architecture }) => {
      const folder = resolve(output, LAYER);
      const files = await makeLayer(folder, { architecture: arch, runtime });
      console.log(`${relative('', folder)}: layer:${LAYER} for ${arch}, ${files} files`);
    });
}

function withChoices(command: Command, output: string): Command {
  return command
    .argument('[folder]', 'where the charm is', '.')
    .option('-o, --output <folder>', `where to write (default: ${output} in the charm)`)
    .addOption(layersOption())
    .addOption(runtimeOption());
}

function layersOption(): Option {
  return new Option(
    '--layers <folder...>',
    'where included layers are, each in a folder of its name ($CHARM_LAYERS_DIR)',
  );
}

function architectureOption(): Option {
  return new Option('--arch <architecture>', 'of the machines').choices(ARCHITECTURES).default(ownArchitecture());
}

function runtimeOption(): Option {
  return new Option(
    '--runtime <which>',
    'bundled: the charm carries its Node; system: the machine has one, 18.19 or newer',
  )
    .choices(['bundled', 'system'])
    .default('bundled');
}

/** Progress on a terminal; elsewhere the summary at the end says it all. */
async function packAll(
  folder: string,
  output: string,
  { arch, layers, runtime }: Choices & { readonly arch: readonly Architecture[] },
): Promise<Packed[]> {
  interface Context {
    parts?: CharmParts;
    packed: Packed[];
  }
  const tasks = new Listr<Context, 'default', 'silent'>(
    [
      {
        title: `Composing the charm in ${relative('', folder) || '.'}`,
        task: async (context, task) => {
          context.parts = await readCharm(folder, layers ?? layersFromEnvironment());
          await writeCharmTypes(folder, context.parts, 'there');
          task.title = `Composed ${context.parts.metadata.name}`;
        },
      },
      ...arch.map((architecture) => ({
        title: `Packing for ${architecture}`,
        task: async ({ parts, packed }: Context, task: { output: string }) => {
          if (parts === undefined) return;
          const show = (path: string) => {
            task.output = path;
          };
          const onEntry = process.stdout.isTTY ? show : undefined;
          packed.push(await makeArchive(parts, output, { architecture, runtime }, onEntry));
        },
      })),
    ],
    { fallbackRenderer: 'silent', fallbackRendererCondition: () => !process.stdout.isTTY },
  );
  return (await tasks.run({ packed: [] })).packed;
}

function summary({ file, bytes, parts }: Packed): string {
  const shares = Object.entries(parts).map(([name, share]) => `${name} ${size(share)}`);
  return `${relative('', file)}: ${size(bytes)} (${shares.join(', ')})`;
}

/** The variable that charm build reads. */
function layersFromEnvironment(): string[] {
  const folder = process.env.CHARM_LAYERS_DIR;
  return folder === undefined || folder === '' ? [] : [folder];
}
