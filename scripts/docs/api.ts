/** Reference of what the package exports, from its TSDoc. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'rolldown/utils';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { page } from './text.ts';

interface Documented {
  readonly name: string;
  readonly signature: string;
  /** The text of its TSDoc, without the stars. */
  readonly comment: string;
}

/** Entry points that are not folders of src/. */
const FOLDERS: Readonly<Record<string, string>> = { testing: 'packages/charm-testing' };

/** A page for one entry point: `reactive` is `layer-wsgi/reactive`, and `layer-wsgi` is itself where none is named. */
export function apiPage(entry?: string): string {
  const folder = entry === undefined ? 'src' : (FOLDERS[entry] ?? `src/${entry}`);
  const file = join(PROJECT, folder, 'index.ts');
  const [, module = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(file, 'utf8')) ?? [];
  const sections = exportsOf(file).map(({ name, signature, comment }) =>
    [`## ${name}`, `\`\`\`typescript\n${signature}\n\`\`\``, prose(comment)].filter((part) => part !== '').join('\n\n'),
  );
  return page(
    entry === undefined ? 'layer-wsgi' : `layer-wsgi/${entry}`,
    `the comments of ${join(folder, 'index.ts')} and of what it names`,
    prose(unstarred(module)),
    ...sections,
  );
}

function exportsOf(file: string): Documented[] {
  const found: Documented[] = [];
  for (const statement of parseSync(file, readFileSync(file, 'utf8')).program.body) {
    if (statement.type === 'ExportAllDeclaration') {
      const target = join(dirname(file), statement.source.value);
      const space = statement.exported && 'name' in statement.exported ? `${statement.exported.name}.` : '';
      for (const each of declarations(target).values()) found.push({ ...each, name: `${space}${each.name}` });
    }
    if (statement.type !== 'ExportNamedDeclaration' || statement.source === null) continue;
    const declared = declarations(join(dirname(file), statement.source.value));
    for (const { local, exported } of statement.specifiers) {
      if (!('name' in local && 'name' in exported)) continue;
      const each = declared.get(local.name);
      if (each === undefined) throw new Error(`${file}: no declaration of ${local.name} in ${statement.source.value}`);
      found.push({ ...each, name: exported.name });
    }
  }
  return found.toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** Exported declarations of a module, by name. */
function declarations(file: string): Map<string, Documented> {
  const source = readFileSync(file, 'utf8');
  const found = new Map<string, Documented>();
  for (const statement of parseSync(file, source).program.body) {
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) continue;
    const { declaration } = statement;
    const before = source.slice(0, statement.start);
    const comment = unstarred(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1] ?? '');
    const add = (name: string, end: number) =>
      found.set(name, { name, comment, signature: signature(source, statement.start, end) });
    switch (declaration.type) {
      case 'FunctionDeclaration':
        if (declaration.id) add(declaration.id.name, declaration.body?.start ?? declaration.end);
        break;
      case 'ClassDeclaration':
        if (declaration.id) add(declaration.id.name, declaration.body.start);
        break;
      case 'TSInterfaceDeclaration':
      case 'TSTypeAliasDeclaration':
        add(declaration.id.name, declaration.end);
        break;
      case 'VariableDeclaration':
        for (const { id } of declaration.declarations) if (id.type === 'Identifier') add(id.name, declaration.end);
        break;
    }
  }
  return found;
}

function signature(source: string, start: number, end: number): string {
  return source
    .slice(start, end)
    .replace(/^export (async )?/, '')
    .trim()
    .replace(/;$/, '');
}

function unstarred(comment: string): string {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}

/** Markdown of a TSDoc text: links become names, tags become lists. */
function prose(comment: string): string {
  const [text = '', ...tags] = comment
    .replaceAll(/\{@link (?:[^}|]+\| *)?([^}]+)\}/g, '`$1`')
    .split(/(?:^|(?<=\s))@(?=param|returns|throws|example|module|typeParam)/m);
  const parts = [text.trim()];
  for (const tag of tags) {
    const [, name = '', body = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag.trim()) ?? [];
    if (name === 'example') parts.push(example(body));
    else if (name === 'param') parts.push(body.replace(/^(\S+)\s+(?:- )?/, '- `$1`: '));
    else if (name !== 'module') parts.push(`- ${name} ${body}`);
  }
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Examples are code, in a fence or not; they compile, and so are told from signatures. */
function example(body: string): string {
  return /^```/.test(body) ? body.trim() : `\`\`\`ts\n${body.trim()}\n\`\`\``;
}
