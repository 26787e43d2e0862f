/** What Nagios checks on this unit, and with which plugin. */
import type { Check } from '../api.ts';
import type { Options } from '../config/options.ts';
import { SERVICE } from '../paths.ts';
import type { Address } from '../service/state.ts';

/** Checks by name; the name of each file and of NRPE's command is made of it. */
export type Checks = Readonly<Record<string, Check>>;

/** What a check is called: letters, digits and `_`, as NRPE and Nagios both take it. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Those of nrpe-external-master: the page, and the service behind it. */
export function ownChecks(options: Options, address: Address): Checks {
  return {
    wsgi_http: {
      description: 'page of the application',
      command: checkHttp({
        address,
        hostName: 'localhost',
        path: options.nagios_index_path,
        status: String(options.nagios_index_status),
        content: options.nagios_index_content,
      }),
    },
    wsgi_service: {
      description: 'service of the application',
      command: ['/bin/sh', '-c', SERVICE_STATE],
    },
  };
}

/** Nagios takes code 2 for critical; systemctl has codes of its own. */
const SERVICE_STATE = `state=$(systemctl is-active ${SERVICE}); echo "${SERVICE} is $state"; [ "$state" = active ] || exit 2`;

/** That of verify. */
export function verifyChecks(options: Options, address: Address): Checks {
  return {
    webservice: {
      description: 'page of the application, as it is to be seen from outside',
      command: checkHttp({
        address,
        hostName: options.verify_hostname,
        path: options.verify_path,
        status: options.verify_status,
        content: options.verify_content,
      }),
    },
  };
}

/** Ours, with those that a charm's author added, or put in the place of ours. */
export function withAuthors(own: Checks, authors: Checks): Checks {
  for (const name of Object.keys(authors)) {
    if (!NAME.test(name)) throw new TypeError(`a check cannot be called ${JSON.stringify(name)}`);
  }
  return { ...own, ...authors };
}

export interface HttpCheck {
  readonly address: Address;
  /** In the request's Host header. */
  readonly hostName: string;
  readonly path: string;
  /** Must be in the status line of the answer: one text, or several separated by commas. */
  readonly status: string;
  /** Must be in the answer; empty for any. */
  readonly content: string;
}

/** check_http of monitoring-plugins. Source: `check_http --help`. */
export function checkHttp({ address, hostName, path, status, content }: HttpCheck): [string, ...string[]] {
  const where = ['-I', address.host, '-p', String(address.port), '-H', hostName, '-u', path];
  return ['check_http', ...where, '-e', status, ...(content === '' ? [] : ['-s', content])];
}
