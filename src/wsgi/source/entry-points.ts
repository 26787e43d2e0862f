/** Where an application may be found, when it is not where wsgi_module says. */
import type { PythonFile } from './python-files.ts';

/** What is no application, though it may make one. */
const OTHERS =
  /(?:^|\/)(?:tests?|docs?|migrations|examples?|scripts?|alembic)\/|(?:^|\/)(?:test_\w+|\w+_test|conftest|setup|manage|gunicorn\.conf)\.py$/;
/** A name that applications have, at the beginning of a line. */
const ASSIGNED = /^(application|app|api|wsgi|wsgi_app|asgi_app|server)\s*(?::\s*[^=\n]+)?=\s*(?!=)(.*)$/gm;
/** What a line makes that is an application, not a setting of the same name. */
const MADE = /\(|^(?:application|app|api|socketio|asgi|wsgi)\b/;
const DEFINED = /^(?:async )?def (application|app|wsgi_app)\(\s*\w+\s*,/gm;
const FACTORY = /^def (create_app|make_app|create_application|get_app)\(/gm;

/** Ends of a list that fits a status line. */
const SHOWN = 3;

/** `app.py (app), mysite/wsgi.py (application)`; empty where nothing looks like an application. */
export function entryPoints(files: readonly PythonFile[]): string {
  const found = files
    .filter(({ path }) => !OTHERS.test(path))
    .map(({ path, text }) => ({ path, names: callables(text) }))
    .filter(({ names }) => names.length > 0)
    .sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
  const shown = found.slice(0, SHOWN).map(({ path, names }) => `${path} (${names.slice(0, 2).join(', ')})`);
  return [...shown, ...(found.length > SHOWN ? [`${found.length - SHOWN} more`] : [])].join(', ');
}

/** What is made when the module is imported comes before factories, and upper folders before lower ones. */
function rank({ path, names }: { readonly path: string; readonly names: readonly string[] }): number {
  const factory = names[0]?.endsWith('()') === true ? 100 : 0;
  return factory + path.split('/').length - (path.endsWith('wsgi.py') ? 1 : 0);
}

function callables(text: string): string[] {
  const assigned = [...text.matchAll(ASSIGNED)]
    .filter(([, , made = '']) => MADE.test(made))
    .map(([, name = '']) => name);
  const defined = [...text.matchAll(DEFINED)].map(([, name = '']) => name);
  const factories = [...text.matchAll(FACTORY)].map(([, name = '']) => `${name}()`);
  return [...new Set([...assigned, ...defined, ...factories])];
}

/** What is not there, where that is what an application said when it ended: the module of wsgi_module, or the callable in it. */
export function saysNotThere(reason: string, module: string, callable: string): 'module' | 'callable' | undefined {
  const [, missing] = /^ModuleNotFoundError: No module named '([^']+)'/.exec(reason) ?? [];
  if (missing !== undefined && (module === missing || module.startsWith(`${missing}.`))) return 'module';
  const name = /^[A-Za-z_]\w*/.exec(callable)?.[0];
  return reason.startsWith(`Failed to find attribute '${name}' in '${module}'`) ? 'callable' : undefined;
}

/** The kind of application that the callable is, where its workers ended because they are for the other kind. */
export function saysOtherInterface(reason: string): 'ASGI' | 'WSGI' | undefined {
  const [, found] = /^RuntimeError: the callable is an application of (ASGI|WSGI), /.exec(reason) ?? [];
  return found === 'ASGI' || found === 'WSGI' ? found : undefined;
}

/** Whether a module is among the files. */
export function hasModule(files: readonly PythonFile[], module: string): boolean {
  const path = module.replaceAll('.', '/');
  return files.some((file) => file.path === `${path}.py` || file.path === `${path}/__init__.py`);
}
