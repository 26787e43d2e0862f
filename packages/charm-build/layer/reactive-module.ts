import type { Condition } from '../../../src/reactive/index.ts';
import type { HandlerHead } from './layer-module.ts';

const DECORATORS = { when: 'when', whenAny: 'when_any', whenNot: 'when_not', whenNotAll: 'when_not_all' } as const;

/** What charms.reactive tests itself, because FlagWatch and the order of handlers are its own. */
type FlagCondition = Extract<Condition, { kind: keyof typeof DECORATORS }>;

/**
 * reactive/wsgi.py: the handlers with their conditions on flags, as charms.reactive registers them. Their other conditions,
 * and what they do, stay where they are written.
 */
export function reactiveModule(handlers: readonly HandlerHead[]): string {
  const used = Object.values(DECORATORS).filter((name) => handlers.some((each) => decoratorsOf(each).includes(name)));
  return `${[
    '"""The handlers of layer:wsgi. Made from src/wsgi/layer.ts of the layer\'s sources: change them there."""',
    'from charmhelpers.core import hookenv',
    'from charms.layer.wsgi import bridge',
    `from charms.reactive import ${used.join(', ')}`,
    '',
    'hookenv.atstart(bridge.begin)',
    'hookenv.atexit(bridge.finish)',
    ...handlers.flatMap(functionOf),
  ].join('\n')}\n`;
}

function functionOf(handler: HandlerHead): string[] {
  const { name, conditions } = handler;
  const more = conditions.every(isFlagCondition) ? [] : [`@bridge.when_layer_says(${quoted(name)})`];
  // Decorators are applied from below, and conditions are tested in the order in which they were given.
  const decorators = conditions.filter(isFlagCondition).map((condition) => decorator(condition));
  return ['', '', ...more, ...decorators.reverse(), `def ${identifier(name)}():`, `    bridge.run(${quoted(name)})`];
}

function decoratorsOf({ conditions }: HandlerHead): string[] {
  return conditions.filter(isFlagCondition).map(({ kind }) => DECORATORS[kind]);
}

function decorator({ kind, flags }: FlagCondition): string {
  return `@${DECORATORS[kind]}(${flags.map(quoted).join(', ')})`;
}

function isFlagCondition(condition: Condition): condition is FlagCondition {
  return Object.hasOwn(DECORATORS, condition.kind);
}

function identifier(name: string): string {
  return name.replaceAll(/\W/g, '_');
}

/** A string of Python, which reads JSON's escapes as its own; with quotes as Python's authors write them where it can be. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? `'${text}'` : JSON.stringify(text);
}
