/** Proxies and load balancers in front of the application. */
import * as haproxyRoute from '../../../relations/haproxy-route.ts';
import * as http from '../../../relations/http.ts';
import * as ingress from '../../../relations/ingress.ts';
import { plain } from '../../../relations/variables.ts';
import { DISPENSABLE, giving, type Row, telling } from '../row.ts';

const ofProxy = {
  ask: 'nothing',
  fixed: 'nothing',
  schema: http.schema,
  variables: {
    BASE_URL: plain(
      'Where the proxy serves the application, without a slash at the end.',
      ({ url }: http.WebService) => url,
    ),
  },
  certificate: 'nothing',
  identity: 'nothing',
} as const;

export const PROXIES = {
  website: telling({
    interface: 'http',
    charms: ['haproxy', 'apache2'],
    reads: 'databags',
    publish: ({ port, address }) => {
      const host = port === undefined ? undefined : address();
      return port === undefined || host === undefined ? http.withdraw : http.provide(host, port);
    },
  }),

  'haproxy-route': giving(
    {
      ...ofProxy,
      interface: 'haproxy-route',
      charms: ['haproxy'],
      gives: 'haproxyRoute',
      publish: ({ unit, proxiedPort: port, healthPath, address }) => ({
        unit: haproxyRoute.server(address()),
        app:
          port === undefined || healthPath === undefined
            ? {}
            : haproxyRoute.route({ service: `${unit.modelName}-${unit.application}`, port, healthPath }),
      }),
      read: (relation) => haproxyRoute.read(relation),
    },
    DISPENSABLE,
  ),

  ingress: giving(
    {
      ...ofProxy,
      interface: 'ingress',
      charms: ['traefik-k8s', 'nginx-ingress-integrator', 'haproxy'],
      gives: 'ingress',
      publish: ({ unit: { modelName, application }, proxiedPort: port, healthPath, address }) => ({
        unit: ingress.server(address()),
        app:
          port === undefined || healthPath === undefined
            ? {}
            : ingress.request({ model: modelName, application, port, healthPath }),
      }),
      read: (relation) => ingress.read(relation),
    },
    DISPENSABLE,
  ),
} satisfies Readonly<Record<string, Row>>;
