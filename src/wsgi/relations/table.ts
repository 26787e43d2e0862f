/**
 * The relations of this charm, a row each; everything that is done with them follows from here. To add one: a file of
 * its interface in src/relations/, a row in the file of its kind in rows/, and its endpoint in metadata.yaml.
 */
import type { Row } from './row.ts';
import { CACHES_AND_QUEUES } from './rows/caches-and-queues.ts';
import { AUTHORITIES } from './rows/certificates.ts';
import { DATABASES } from './rows/databases.ts';
import { IDENTITY } from './rows/identity.ts';
import { MAIL } from './rows/mail.ts';
import { OBSERVABILITY } from './rows/observability.ts';
import { PROXIES } from './rows/proxies.ts';
import { STORAGE } from './rows/storage.ts';
import { SUBORDINATES } from './rows/subordinates.ts';
import { WEB_SERVICES } from './rows/web-services.ts';

/** In the order of precedence: of two rows with a variable of the same name, the upper one's counts. */
export const RELATIONS = {
  ...PROXIES,
  ...DATABASES,
  ...CACHES_AND_QUEUES,
  ...STORAGE,
  ...MAIL,
  ...IDENTITY,
  ...OBSERVABILITY,
  ...AUTHORITIES,
  ...WEB_SERVICES,
  ...SUBORDINATES,
} satisfies Readonly<Record<string, Row>>;

export type Endpoint = keyof typeof RELATIONS;
