/** ASGI applications from the Python world, by gunicorn's own workers and by uvicorn's. */
import { expect, test } from 'vitest';
import { answering, archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const ECHO = [
  '    while True:',
  "        await websocket.send_text(os.environ['NAME'] + ': ' + await websocket.receive_text())",
];

const FASTAPI = {
  BUILD_LABEL: 'fastapi',
  'requirements.txt': 'fastapi==0.121.3\n',
  'shop/__init__.py': '',
  'shop/asgi.py': [
    'import os',
    'from contextlib import asynccontextmanager',
    'from fastapi import FastAPI, WebSocket',
    'state = {}',
    '@asynccontextmanager',
    'async def lifespan(app):',
    "    state['began'] = 'lifespan began'",
    '    yield',
    "    print('lifespan ended')",
    'app = FastAPI(lifespan=lifespan)',
    "@app.get('/')",
    'async def index():',
    "    return state['began']",
    "@app.websocket('/echo')",
    'async def echo(websocket: WebSocket):',
    '    await websocket.accept()',
    ...ECHO,
    '',
  ].join('\n'),
};

const DJANGO = {
  BUILD_LABEL: 'django',
  'requirements.txt': 'django==5.2.8\nchannels==4.3.1\nuvicorn==0.38.0\nuvicorn-worker==0.4.0\nwebsockets==15.0.1\n',
  'site_/__init__.py': '',
  'site_/settings.py':
    "SECRET_KEY = 'x'\nALLOWED_HOSTS = ['*']\nROOT_URLCONF = 'site_.urls'\nINSTALLED_APPS = ['channels']\n",
  'site_/urls.py': [
    'from django.http import HttpResponse',
    'from django.urls import path',
    "urlpatterns = [path('', lambda request: HttpResponse('django by ' + type(request).__name__))]",
    '',
  ].join('\n'),
  'site_/asgi.py': [
    'import os',
    'from django.core.asgi import get_asgi_application',
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')",
    'django = get_asgi_application()',
    'from channels.generic.websocket import AsyncWebsocketConsumer',
    'from channels.routing import ProtocolTypeRouter, URLRouter',
    'from django.urls import path',
    'class Echo(AsyncWebsocketConsumer):',
    '    async def receive(self, text_data=None, bytes_data=None):',
    "        await self.send(os.environ['NAME'] + ': ' + text_data)",
    "application = ProtocolTypeRouter({'http': django, 'websocket': URLRouter([path('echo', Echo.as_asgi())])})",
    '',
  ].join('\n'),
};

type Model = Awaited<ReturnType<typeof newModel>>;

/** A WebSocket that is open, the answer to its next message, and the code that it is closed with. */
async function openWebSocket(model: Model) {
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  const socket = new WebSocket(`ws://${host}:${port}/echo`);
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code), { once: true });
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', () => reject(new Error('the WebSocket was refused')), { once: true });
  });
  const ask = (text: string) =>
    new Promise<unknown>((resolve) => {
      socket.addEventListener('message', ({ data }) => resolve(data), { once: true });
      socket.send(text);
    });
  return { ask, closed, close: () => socket.close() };
}

/** A change while a WebSocket is open: it is told to come back, and is served by the new service when it does. */
async function outlivesChange(model: Model): Promise<void> {
  const before = await openWebSocket(model);
  expect(await before.ask('hello')).toBe('one: hello');
  await model.config('wsgi', { environment_variables: 'NAME=two' });
  expect(await before.closed).toBe(1012);
  const after = await openWebSocket(model);
  expect(await after.ask('hello')).toBe('two: hello');
  after.close();
  expect(await statusOf(model)).toMatchObject({ current: 'active' });
}

test("FastAPI by gunicorn's own worker: its lifespan, and a WebSocket over a change", async () => {
  await using model = await newModel();
  const build = await archiveOf(FASTAPI);
  const config = { wsgi_module: 'shop.asgi:app', environment_variables: 'NAME=one' };
  await deployWsgi(model, config, { resources: { build } });
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'wsgi_module: shop.asgi:app is an ASGI application: set worker_class=asgi',
  });
  await model.config('wsgi', { worker_class: 'asgi' });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving fastapi on port 8080' });
  expect(await page(model)).toBe('"lifespan began"');
  await outlivesChange(model);
});

test("Django with channels by uvicorn's worker, and a WebSocket over a change", async () => {
  await using model = await newModel();
  const config = {
    wsgi_module: 'site_.asgi:application',
    worker_class: 'uvicorn_worker.UvicornWorker',
    environment_variables: 'NAME=one',
  };
  await deployWsgi(model, config, { resources: { build: await archiveOf(DJANGO) } });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving django on port 8080' });
  expect(await page(model)).toBe('django by ASGIRequest');
  await outlivesChange(model);
  await model.config('wsgi', { worker_class: 'asgi' });
  expect(await page(model)).toBe('django by ASGIRequest');
  await model.config('wsgi', { environment_variables: 'NAME=one' });
  await outlivesChange(model);
});

test('a lifespan that fails, and a worker class for the other kind of application, keep what serves', async () => {
  await using model = await newModel();
  const wsgi = { BUILD_LABEL: 'wsgi', 'wsgi.py': answering("'wsgi'") };
  await deployWsgi(model, {}, { resources: { build: await archiveOf(wsgi) } });
  await model.config('wsgi', { worker_class: 'asgi' });
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'wsgi_module: wsgi:application is a WSGI application: set worker_class=sync',
  });
  expect(await page(model)).toBe('wsgi');

  const fails = [
    'from contextlib import asynccontextmanager',
    'from starlette.applications import Starlette',
    '@asynccontextmanager',
    'async def lifespan(app):',
    "    raise RuntimeError('no licence')",
    '    yield',
    'application = Starlette(lifespan=lifespan)',
    '',
  ].join('\n');
  const build = { BUILD_LABEL: 'fails', 'wsgi.py': fails, 'requirements.txt': 'starlette==0.50.0\n' };
  await model.attachResource('wsgi', 'build', await archiveOf(build));
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'build fails does not start: RuntimeError: no licence',
  });
  expect(await page(model)).toBe('wsgi');

  const old = { ...wsgi, BUILD_LABEL: 'old', 'requirements.txt': 'gunicorn==23.0.0\n' };
  await model.attachResource('wsgi', 'build', await archiveOf(old));
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message:
      'worker_class: asgi needs gunicorn 24 or newer, and the requirements ask for 23.0.0; ask for a newer one, or leave it out',
  });
  expect(await page(model)).toBe('wsgi');
});
