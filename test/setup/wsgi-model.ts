/** A local model with the charm in it, and what tests ask of a deployed application. */
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';
import { LocalModel, type ModelOptions } from '../../packages/local-juju/local-model.ts';

/** Short, so that tests do not wait for what they do not test; those that test it set their own. */
export const QUICK = { settle_time: '0', workers: '1' } as const;

/** Makes a model that is gone when the test ends: `await using model = await newModel()`. */
export async function newModel(options: ModelOptions = {}): Promise<LocalModel & AsyncDisposable> {
  const model = await LocalModel.create(options);
  return Object.assign(model, { [Symbol.asyncDispose]: () => model.destroy() });
}

/** Deploys the charm as `wsgi` on port 8080. */
export async function deployWsgi(
  model: LocalModel,
  config: Readonly<Record<string, string>> = {},
  more: Parameters<LocalModel['deploy']>[1] = {},
): Promise<void> {
  await model.deploy(inject('charm'), { application: 'wsgi', config: { port: '8080', ...QUICK, ...config }, ...more });
}

/** Asks the application on a port of a unit. */
export async function page(model: LocalModel, path = '/', { unit = 'wsgi/0', port = 8080 } = {}): Promise<string> {
  const { host, port: real } = await model.unit(unit).endpoint(port);
  const answer = await fetch(`http://${host}:${real}${path}`, { headers: { connection: 'close' } });
  return (await answer.text()).trim();
}

/** What `juju status` says of a unit. */
export async function statusOf(model: LocalModel, unit = 'wsgi/0'): Promise<{ current: string; message: string }> {
  const status = await model.status();
  const principals = Object.values(status.applications).flatMap(({ units = {} }) => Object.entries(units));
  // A subordinate is listed below its principal.
  const all = principals.flatMap(([name, one]) => [[name, one] as const, ...Object.entries(one.subordinates ?? {})]);
  const found = all.find(([name]) => name === unit)?.[1]['workload-status'];
  return { current: found?.current ?? '', message: found?.message ?? '' };
}

/**
 * Packs files into a tar.gz, as a build that somebody attaches or publishes. Returns its path.
 * @param folders folders to put beside the files, by their name in the archive
 */
export async function archiveOf(
  files: Readonly<Record<string, string>>,
  name = 'build.tar.gz',
  folders: Readonly<Record<string, string>> = {},
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-build-'));
  for (const [path, text] of Object.entries(files)) {
    const target = join(folder, 'code', path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  for (const [path, from] of Object.entries(folders)) await cp(from, join(folder, 'code', path), { recursive: true });
  await execa('tar', ['-czf', name, '-C', 'code', '.'], { cwd: folder });
  return join(folder, name);
}

/** A WSGI module whose application answers with this Python expression of `environ`. */
export function answering(expression: string, before = ''): string {
  return [
    'import json, os, sys',
    before,
    'def application(environ, start_response):',
    `    body = ${expression}`,
    "    start_response('200 OK', [('Content-Type', 'text/plain; charset=utf-8')])",
    '    return [body if isinstance(body, bytes) else str(body).encode()]',
    '',
  ].join('\n');
}
