/** The status lines that the code can say, out of the code: for the page that says what they mean. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'rolldown/utils';
import { PROJECT } from '../../packages/charm-build/package.ts';

export interface StatusLine {
  readonly status: 'blocked' | 'waiting';
  /** What is fixed in it; anything may stand between two of these, and before and after. */
  readonly fixed: readonly string[];
  /** `src/wsgi/serve.ts: build ... does not start`: for whoever has to find it. */
  readonly place: string;
}

/** Functions whose one argument is a line; the connections of relations refuse with one that somebody has to act on. */
const SAY: Readonly<Record<string, StatusLine['status']>> = {
  blocked: 'blocked',
  refused: 'blocked',
  waiting: 'waiting',
};

type Visits = ConstructorParameters<typeof Visitor>[0];
/** What a call is given, as the parser has it. */
type Expression = Parameters<NonNullable<Visits['CallExpression']>>[0]['arguments'][number];

export function statusLines(): StatusLine[] {
  const paths = globSync('src/{wsgi,relations,bridge,juju,reactive}/**/*.ts', {
    cwd: PROJECT,
    exclude: (path) => /\.(test|fixture)\.ts$/.test(path),
  });
  return paths.toSorted().flatMap((path) => linesIn(path));
}

function linesIn(path: string): StatusLine[] {
  const found: StatusLine[] = [];
  const add = (status: unknown, message: Expression | undefined) => {
    if (status !== 'blocked' && status !== 'waiting') return;
    for (const fixed of message === undefined ? [] : textsIn(message)) {
      if (fixed.length > 0) found.push({ status, fixed, place: `${path}: ${fixed.join('...')}` });
    }
  };
  const { program } = parseSync(path, readFileSync(join(PROJECT, path), 'utf8'));
  new Visitor({
    CallExpression(call) {
      if (call.callee.type === 'Identifier') add(SAY[call.callee.name], call.arguments[0]);
    },
    NewExpression(made) {
      const [status, message] = made.arguments;
      if (made.callee.type === 'Identifier' && made.callee.name === 'Problem') add(literal(status), message);
    },
    ObjectExpression(object) {
      const property = (name: string) =>
        object.properties.flatMap((each) =>
          each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === name ? [each.value] : [],
        )[0];
      add(literal(property('status')), property('message'));
    },
  }).visit(program);
  return found;
}

/** The fixed parts of each text that it may be; none of what is put together elsewhere. */
function textsIn(message: Expression): string[][] {
  if (message.type === 'ConditionalExpression') return [...textsIn(message.consequent), ...textsIn(message.alternate)];
  if (message.type === 'Literal') return [[String(message.value)]];
  if (message.type !== 'TemplateLiteral') return [];
  return [message.quasis.map(({ value }) => (value.cooked ?? '').trim()).filter((part) => /\w/.test(part))];
}

function literal(node: Expression | undefined): unknown {
  return node?.type === 'Literal' ? node.value : undefined;
}
