/** Secrets of the operator, and what there is of the charms'. */

import { Command } from 'commander';
import {
  addUserSecret,
  grantUserSecret,
  removeUserSecret,
  revokeUserSecret,
  updateUserSecret,
  userSecretData,
} from '../commands/user-secrets.ts';
import { LocalError } from '../model/local-error.ts';
import { grantScope } from '../model/secrets.ts';
import type { ModelState, Secret } from '../model/state.ts';
import { formatOption, printAs } from './options.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

export function secretCommands(terminal: Terminal): Command[] {
  return [
    add(terminal),
    update(terminal),
    grant(terminal),
    revoke(terminal),
    remove(terminal),
    list(terminal),
    show(terminal),
  ];
}

interface ContentFlags {
  readonly file?: string;
  readonly info?: string;
  readonly name?: string;
}

function add(terminal: Terminal): Command {
  return new Command('add-secret')
    .description('add a secret')
    .argument('<name>')
    .argument('[key=value...]', 'key#base64=value and key#file=path too')
    .option('--file <file>', 'a YAML file of keys and values')
    .option('--info <text>', 'what it is for')
    .action(async (name: string, args: string[], flags: ContentFlags, command: Command) => {
      const data = userSecretData(args, flags.file);
      terminal.out(
        await terminal.open(command).change((session) => addUserSecret(session, name, data, flags.info ?? '')),
      );
    });
}

function update(terminal: Terminal): Command {
  return new Command('update-secret')
    .description('give a secret new content')
    .argument('<name>', 'name or ID')
    .argument('[key=value...]')
    .option('--file <file>', 'a YAML file of keys and values')
    .option('--info <text>', 'what it is for')
    .option('--name <name>', 'another name')
    .option('--auto-prune', 'taken; old revisions stay here')
    .action(async (name: string, args: string[], flags: ContentFlags, command: Command) => {
      const data = userSecretData(args, flags.file);
      const changes = {
        info: flags.info,
        name: flags.name,
      };
      await terminal.open(command).change((session) => updateUserSecret(session, name, data, changes));
    });
}

function grant(terminal: Terminal): Command {
  return new Command('grant-secret')
    .description('let applications read a secret')
    .argument('<name>', 'name or ID')
    .argument('<applications>', 'with commas between them')
    .action(async (name: string, applications: string, _flags: object, command: Command) => {
      await terminal.open(command).change((session) => grantUserSecret(session, name, applications.split(',')));
    });
}

function revoke(terminal: Terminal): Command {
  return new Command('revoke-secret')
    .description('take that back')
    .argument('<name>', 'name or ID')
    .argument('<applications>', 'with commas between them')
    .action(async (name: string, applications: string, _flags: object, command: Command) => {
      await terminal.open(command).change((session) => revokeUserSecret(session, name, applications.split(',')));
    });
}

function remove(terminal: Terminal): Command {
  return new Command('remove-secret')
    .description('remove a secret')
    .argument('<name>', 'name or ID')
    .option('--revision <number>', 'only this one')
    .action(async (name: string, { revision }: { revision?: string }, command: Command) => {
      await terminal
        .open(command)
        .change((session) => removeUserSecret(session, name, revision === undefined ? undefined : Number(revision)));
    });
}

function ownerOf(secret: Secret): string {
  return secret.owner.kind === 'model' ? '<model>' : secret.owner.name;
}

function entry(secret: Secret): object {
  return {
    revision: secret.latest,
    expires: secret.expires?.time,
    rotation: secret.rotation,
    rotates: secret.rotates?.time,
    owner: ownerOf(secret),
    description: secret.description || undefined,
    name: secret.name,
    label: secret.label || undefined,
    created: secret.created,
    updated: secret.updated,
  };
}

function list(terminal: Terminal): Command {
  return new Command('secrets')
    .description('list the secrets of the model')
    .addOption(formatOption(['tabular', 'json', 'yaml'], 'tabular'))
    .action(({ format }: { format: string }, command: Command) => {
      const all = Object.values(terminal.open(command).state().secrets);
      if (format !== 'tabular') {
        printAs(terminal, format, Object.fromEntries(all.map((secret) => [secret.id, entry(secret)])));
        return;
      }
      const rows = all.map((secret) => [
        secret.id,
        secret.name ?? '-',
        ownerOf(secret),
        secret.rotation,
        String(secret.latest),
        secret.updated,
      ]);
      terminal.out(table(['ID', 'Name', 'Owner', 'Rotation', 'Revision', 'Last updated'], rows));
    });
}

function show(terminal: Terminal): Command {
  return new Command('show-secret')
    .description('show a secret')
    .argument('<name>', 'name, label or ID')
    .option('--reveal', 'its content too')
    .option('--revisions', 'its revisions too')
    .option('-r, --revision <number>', 'content of this revision')
    .addOption(formatOption(['yaml', 'json'], 'yaml'))
    .action(
      (
        name: string,
        flags: { reveal?: boolean; revisions?: boolean; revision?: string; format: string },
        command: Command,
      ) => {
        const state = terminal.open(command).state();
        const id = name.slice(name.lastIndexOf('/') + 1).replace(/^secret:/, '');
        const secret = Object.values(state.secrets).find(
          (one) => one.id === id || one.name === name || one.label === name,
        );
        if (secret === undefined) throw new LocalError(`secret ${JSON.stringify(name)} not found`);
        const shown = {
          ...entry(secret),
          revisions: flags.revisions === true ? revisionsOf(secret) : undefined,
          content: flags.reveal === true ? contentOf(secret, flags.revision ?? String(secret.latest)) : undefined,
          access: secret.grants.length === 0 ? undefined : accessOf(state, secret),
        };
        printAs(terminal, flags.format, { [secret.id]: shown });
      },
    );
}

function revisionsOf(secret: Secret): object[] {
  return Object.entries(secret.revisions).map(([revision, { created, updated }]) => ({
    revision: Number(revision),
    backend: 'internal',
    created,
    updated,
  }));
}

function contentOf(secret: Secret, revision: string): Record<string, string> {
  const content = secret.revisions[revision]?.content ?? {};
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

function accessOf(state: ModelState, secret: Secret): object[] {
  return secret.grants.map(({ entity, relation }) => ({
    target: entity.includes('/') ? `unit-${entity.replace('/', '-')}` : `application-${entity}`,
    scope: grantScope(state, relation),
    role: 'view',
  }));
}
