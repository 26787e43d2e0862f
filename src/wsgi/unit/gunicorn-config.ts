/** Files that gunicorn is run with: its configuration, and the program that starts it. */
import renderConfig from '../../../templates/gunicorn.conf.py.hbs';
import renderLauncher from '../../../templates/gunicorn3-run.py.hbs';
import type { Variables } from '../config/environment-variables.ts';
import { pythonString } from './python-string.ts';

export interface GunicornConfigSpec {
  /** How gunicorn's own lines are written. */
  readonly logFormat: 'text' | 'json';
  /** Variables for the application, where nothing else carries them. They may be secrets: the file is to be private then. */
  readonly variables?: Variables;
  /** gunicorn's settings by their names, where no command line gives them. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A configuration file of gunicorn, in Python. Source: gunicorn's settings raw_env and logger_class. */
export function gunicornConfig({ logFormat, variables = new Map(), settings = {} }: GunicornConfigSpec): string {
  return renderConfig({
    json: logFormat === 'json',
    settings: Object.entries(settings).map(([name, value]) => ({
      name,
      value: typeof value === 'number' ? value : pythonString(value),
    })),
    variables: [...variables].map(([name, value]) => pythonString(`${name}=${value}`)),
  });
}

/** The program that has all that gunicorn and the application print go to the journal and to a file. */
export function launcherProgram(): string {
  return renderLauncher({});
}
