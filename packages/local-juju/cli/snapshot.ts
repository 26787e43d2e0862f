/** snapshot: the world of a unit as a test. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { needApplication, needUnit } from '../model/applications.ts';
import { readCharm } from '../model/charm.ts';
import { LocalError } from '../model/local-error.ts';
import { testText } from '../snapshot/test-file.ts';
import { worldOf } from '../snapshot/world.ts';
import type { Terminal } from './terminal.ts';

export function snapshot(terminal: Terminal): Command {
  return new Command('snapshot')
    .description('write the world that a unit lives in now (config, relations, flags; secrets masked) as a test')
    .argument('<unit>')
    .option('-o, --output <file>', 'the test; without it test/APPLICATION-NUMBER.test.ts')
    .action(async (name: string, { output }: { output?: string }, command: Command) => {
      const model = terminal.open(command);
      const state = model.state();
      const unit = needUnit(state, name);
      const file = resolve(output ?? join('test', `${unit.name.replace('/', '-')}.test.ts`));
      if (existsSync(file)) throw new LocalError(`${relative('', file)} is there already; name another with --output`);
      const application = needApplication(state, unit.application);
      const charm = readCharm(join(model.dir, 'charms', `${application.charm}-${application.charmRevision}`));
      const world = worldOf({ state, unit, application, machine: await model.machine(unit.machine) });
      mkdirSync(dirname(file), { recursive: true });
      const resources = Object.entries(application.resources).map(([resource, { file: stored }]) => {
        const copy = `${basename(file, '.test.ts')}.${charm.resources[resource]?.filename ?? resource}`;
        copyFileSync(join(model.dir, 'resources', stored), join(dirname(file), copy));
        return [resource, copy] as const;
      });
      writeFileSync(file, testText({ unit, world, resources: Object.fromEntries(resources) }));
      terminal.out(relative('', file));
    });
}
