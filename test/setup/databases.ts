/** Applications of test/fixtures that use a database, deployed beside the provider charms of examples. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { z } from 'zod';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { EXAMPLES, FROM_WHEELS, fixtureBuild } from './fixture-build.ts';
import { page, QUICK } from './wsgi-model.ts';

/** Leaves a mark at each run. */
const MIGRATE = 'python manage.py migrate --no-input && echo >> $HOME/provisioned';

const Rows = z.object({
  rows: z.array(z.string()),
  database: z.string(),
  // Of PostgreSQL only.
  user: z.optional(z.string()),
  port: z.optional(z.number()),
  tls: z.optional(z.boolean()),
});

/** Deploys the Django project of test/fixtures as `wsgi`, and PostgreSQL as `db`. */
export async function deployRows(
  model: LocalModel,
  config: { readonly db?: Record<string, string>; readonly wsgi?: Record<string, string> } = {},
): Promise<void> {
  await model.deploy(join(EXAMPLES, 'postgresql-provider'), { application: 'db', config: config.db ?? {} });
  await model.deploy(inject('charm'), {
    application: 'wsgi',
    config: { port: '8080', ...QUICK, ...FROM_WHEELS, provision_command: MIGRATE, ...config.wsgi },
    resources: { build: await fixtureBuild('django-rows') },
  });
}

/** What the Django project reads from its database, and over which connection. */
export async function rows(model: LocalModel): Promise<z.infer<typeof Rows>> {
  return Rows.parse(JSON.parse(await page(model)));
}

export async function addRow(model: LocalModel, text: string): Promise<void> {
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  await fetch(`http://${host}:${port}/`, { method: 'POST', body: text, headers: { connection: 'close' } });
}

/** How often provision_command has run to its end. */
export async function provisions(model: LocalModel): Promise<number> {
  const { rootOnHost } = await model.unit('wsgi/0').machine();
  return (await readFile(join(rootOnHost, 'var/lib/wsgi/provisioned'), 'utf8')).length;
}

/** All lines of status that a unit has had. */
export function statusLines(model: LocalModel, unit = 'wsgi/0'): string[] {
  const { history } = model.state().units[unit] ?? { history: [] };
  return history.filter(({ type }) => type === 'workload').map(({ status, message }) => `${status}: ${message}`);
}
