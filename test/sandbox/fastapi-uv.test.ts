/** A FastAPI application with nothing but its uv.lock. */
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const PYPROJECT = `[project]
name = "shop"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["fastapi==0.121.3"]
`;

test('a FastAPI application is served with the packages of its uv.lock', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-uv-'));
  await execa('python3', ['-m', 'venv', join(folder, 'venv')]);
  await execa(join(folder, 'venv/bin/python'), ['-m', 'pip', 'install', '--quiet', 'uv==0.13.9']);
  await writeFile(join(folder, 'pyproject.toml'), PYPROJECT);
  await execa(join(folder, 'venv/bin/uv'), ['lock'], { cwd: folder, env: { UV_SYSTEM_CERTS: '1' } });
  const main = "from fastapi import FastAPI\napp = FastAPI()\n@app.get('/')\nasync def index():\n    return 'locked'\n";
  const files = {
    'pyproject.toml': PYPROJECT,
    'uv.lock': await readFile(join(folder, 'uv.lock'), 'utf8'),
    'main.py': main,
  };
  await using model = await newModel();
  const build = await archiveOf({ BUILD_LABEL: 'locked', ...files });
  await deployWsgi(model, { wsgi_module: 'main:app', worker_class: 'asgi' }, { resources: { build } });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving locked on port 8080' });
  expect(await page(model)).toBe('"locked"');
});
