/** Who users are, and what they may do. */
import * as oauth from '../../../relations/oauth.ts';
import * as openfga from '../../../relations/openfga.ts';
import * as saml from '../../../relations/saml.ts';
import { prefixed } from '../../../relations/variables.ts';
import { type Facts, giving, type Row } from '../row.ts';

const BASE_URL = 'BASE_URL';

/** The operator's own BASE_URL counts for the application, and so it does here. */
const client = ({ options, given }: Facts): oauth.Client => ({
  baseUrl: options.environment_variables.get(BASE_URL) ?? given[BASE_URL],
  baseUrlName: BASE_URL,
  redirectPath: options.oauth_redirect_path,
  scopes: options.oauth_scopes,
});

export const IDENTITY = {
  oauth: giving(
    {
      interface: 'oauth',
      charms: ['hydra', 'oauth-external-idp-integrator'],
      gives: 'oauth',
      ask: (facts) => oauth.request(client(facts)),
      fixed: 'nothing',
      publish: 'nothing',
      read: (relation, facts) => oauth.read(relation, client(facts), facts.readSecret, facts.certificateFile),
      schema: oauth.schema,
      variables: {
        ...prefixed('OAUTH', { ...oauth.variables, ...oauth.ownVariables }),
        // What 12-factor charms call these depends on the framework.
        ...prefixed('FLASK_OAUTH', oauth.variables),
        ...prefixed('DJANGO_OAUTH', oauth.variables),
        ...prefixed('APP_OAUTH', oauth.variables),
      },
      certificate: ({ ca }) => ca,
      identity: 'nothing',
    },
    { needsProxy: true },
  ),

  saml: giving({
    interface: 'saml',
    charms: ['saml-integrator'],
    gives: 'saml',
    ask: 'nothing',
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation) => saml.read(relation),
    schema: saml.schema,
    variables: prefixed('SAML', saml.variables),
    certificate: 'nothing',
    identity: 'nothing',
  }),

  openfga: giving({
    interface: 'openfga',
    charms: ['openfga-k8s'],
    gives: 'openfga',
    ask: ({ unit }) => ({ unit: {}, app: openfga.request(unit.application) }),
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation, { readSecret }) => openfga.read(relation, readSecret),
    schema: openfga.schema,
    variables: prefixed('FGA', openfga.variables),
    certificate: 'nothing',
    identity: 'nothing',
  }),
} satisfies Readonly<Record<string, Row>>;
