import { expect, it } from 'vitest';
import { entryPoints, hasModule, saysNotThere, saysOtherInterface } from './entry-points.ts';

const file = (path: string, text: string) => ({ path, text });

it('names what looks like an application, the nearest first', () => {
  const files = [
    file('app.py', 'from flask import Flask\napp = Flask(__name__)\n'),
    file('mysite/wsgi.py', 'application = get_wsgi_application()\n'),
    file('mysite/factory.py', 'def create_app(config):\n    app = Flask(__name__)\n'),
    file('settings.py', "app = 'shop'\nserver: str = 'x'\nif app == application: pass\n"),
    file('tests/test_app.py', 'app = Flask(__name__)\n'),
  ];
  expect(entryPoints(files)).toBe('app.py (app), mysite/wsgi.py (application), mysite/factory.py (create_app())');
});

it('names no more than a line can hold', () => {
  const files = ['a', 'b', 'c', 'd', 'e'].map((name) =>
    file(`${name}.py`, 'def application(environ, start_response):\n'),
  );
  expect(entryPoints(files)).toBe('a.py (application), b.py (application), c.py (application), 2 more');
});

it.each([
  ["ModuleNotFoundError: No module named 'shop'", 'shop.wsgi', 'app', 'module'],
  ["ModuleNotFoundError: No module named 'shop.wsgi'", 'shop.wsgi', 'app', 'module'],
  ["ModuleNotFoundError: No module named 'flask'", 'shop.wsgi', 'app', undefined],
  ["Failed to find attribute 'app' in 'shop.wsgi'.", 'shop.wsgi', 'app', 'callable'],
  ["KeyError: 'shop'", 'shop', 'app', undefined],
])('%s with %s:%s says that this is missing: %s', (reason, module, callable, missing) => {
  expect(saysNotThere(reason, module, callable)).toBe(missing);
});

it.each([
  ['RuntimeError: the callable is an application of ASGI, and the worker class is for WSGI', 'ASGI'],
  ['RuntimeError: the callable is an application of WSGI, and the worker class is for ASGI', 'WSGI'],
  ['RuntimeError: an application of ASGI', undefined],
])('%s tells the kind of the callable: %s', (reason, kind) => {
  expect(saysOtherInterface(reason)).toBe(kind);
});

it('knows a module by its file or its package', () => {
  const files = [file('shop/__init__.py', ''), file('shop/wsgi.py', '')];
  expect(['shop', 'shop.wsgi', 'shop.asgi'].map((module) => hasModule(files, module))).toEqual([true, true, false]);
});
