import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { action, handler, hook, when, whenAny, whenNot, whenNotAll } from '../../../src/reactive/index.ts';
import { layerHandlers } from '../../../src/wsgi/layer.ts';
import { reactiveModule } from './reactive-module.ts';

const nothing = () => undefined;

function functions(module: string): string {
  return module.slice(module.indexOf('\n\n\n') + 3);
}

test('conditions on flags are decorators of charms.reactive, tested in the order in which they were given', () => {
  const handlers = [
    handler('a.first', [when('x', 'y'), whenNot('z')], nothing),
    handler('second', [whenAny('x'), whenNotAll('y', "it's")], nothing),
  ];
  const module = reactiveModule(handlers);
  expect(module).toContain('from charms.reactive import when, when_any, when_not, when_not_all\n');
  expect(functions(module)).toBe(`@when_not('z')
@when('x', 'y')
def a_first():
    bridge.run('a.first')


@when_not_all('y', "it's")
@when_any('x')
def second():
    bridge.run('second')
`);
});

test('any other condition is left to where the handler is', () => {
  const handlers = [handler('look', [hook('*')], nothing), handler('both', [when('x'), action('restart')], nothing)];
  expect(functions(reactiveModule(handlers))).toBe(`@bridge.when_layer_says('look')
def look():
    bridge.run('look')


@bridge.when_layer_says('both')
@when('x')
def both():
    bridge.run('both')
`);
});

test('the handlers of the layer make a module of Python, in their order', () => {
  const names = `import ast, sys; print([n.name for n in ast.parse(sys.stdin.read()).body if isinstance(n, ast.FunctionDef)])`;
  const found = execFileSync('python3', ['-c', names], { input: reactiveModule(layerHandlers), encoding: 'utf8' });
  const wanted = layerHandlers.map(({ name }) => `'${name.replace('.', '_')}'`);
  expect(found.trim()).toBe(`[${wanted.join(', ')}]`);
});
