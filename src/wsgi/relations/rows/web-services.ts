/** Web services that the application uses. */
import * as http from '../../../relations/http.ts';
import { plain } from '../../../relations/variables.ts';
import { giving, type Row } from '../row.ts';

const urlOf = ({ url }: http.WebService): string => url;

export const WEB_SERVICES = {
  webservice: giving({
    interface: 'http',
    charms: ['any that provides http'],
    gives: 'webservice',
    ask: 'nothing',
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation) => http.read(relation),
    schema: http.schema,
    variables: { WEBSERVICE_URL: plain('Where the web service is, without a slash at the end.', urlOf) },
    certificate: 'nothing',
    identity: 'nothing',
  }),

  'manager-service': giving({
    interface: 'http',
    charms: ['any that provides http'],
    gives: 'managerService',
    ask: 'nothing',
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation, { options }) => http.read(relation, options.manager_service_protocol),
    schema: http.schema,
    variables: { MANAGER_SERVICE_URL: plain('Where the manager service is, without a slash at the end.', urlOf) },
    certificate: 'nothing',
    identity: 'nothing',
  }),
} satisfies Readonly<Record<string, Row>>;
