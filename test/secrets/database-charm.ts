/** A charm that says of databases what real ones would, the one's password in its databag, the other's in a Juju secret. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SECRETS } from './marked.ts';

const METADATA = `name: db
summary: Says where databases are.
description: Says where databases are.
provides:
  pgsql: {interface: pgsql}
  mongo: {interface: mongodb_client}
`;
const BAG = `master: host=10.0.0.9 port=5432 dbname=wsgi user=shop password=${SECRETS.pgsql}
allowed-units: wsgi/0
state: standalone
`;
const HOOKS = {
  'pgsql-relation-created': 'relation-set --file bag.yaml',
  'mongo-relation-created': `
secret=$(secret-add username=shop "password#file=$PWD/password")
secret-grant --relation "$JUJU_RELATION_ID" "$secret"
relation-set --app database=wsgi endpoints=10.0.0.8:27017 secret-user="$secret"`,
};

/** @returns its folder */
export async function databaseCharm(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-database-'));
  await mkdir(join(folder, 'hooks'));
  await writeFile(join(folder, 'metadata.yaml'), METADATA);
  await writeFile(join(folder, 'bag.yaml'), BAG, { mode: 0o600 });
  await writeFile(join(folder, 'password'), SECRETS.juju, { mode: 0o600 });
  for (const [name, script] of Object.entries(HOOKS)) {
    await writeFile(join(folder, 'hooks', name), `#!/bin/sh -e\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}
