/** Templates of the charm's author in place of the layer's: `charm build` lays them over, and cannot compile them. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../system/errors.ts';
import { blocked } from '../wsgi/status.ts';

/** Fills a template. */
export type Render = (context: unknown, options?: object) => string;

/** The layer's templates by file name, with the sha256 of the text that each was compiled from. */
const compiled = new Map<string, string>();
const own = new Map<string, Render>();

/** What the import of a template is, in the layer that `charm build` takes. */
export function overridable(name: string, sha256: string, render: Render): Render {
  compiled.set(name, sha256);
  return (context, options) => (own.get(name) ?? render)(context, options);
}

/** Looks which of the templates in the charm are not the layer's, and compiles these. The compiler is loaded only then. */
export async function takeOwnTemplates(charmDir: string): Promise<void> {
  for (const [name, sha256] of compiled) {
    const path = join('templates', name);
    const source = textOf(join(charmDir, path));
    if (source === undefined || createHash('sha256').update(source).digest('hex') === sha256) continue;
    const { default: Handlebars } = await import('handlebars');
    own.set(name, (context, options) => {
      try {
        return Handlebars.compile(source, { noEscape: true, strict: true })(context, options);
      } catch (error) {
        const lines = error instanceof Error ? error.message.split('\n') : [];
        return blocked(`${path}: ${lines.filter((line) => line.trim() !== '').join(' ')}`);
      }
    });
  }
}

/** Undefined for a template that the author's charm left out: the layer's own is in the code. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
