/** Caches and message brokers. */
import * as rabbitmq from '../../../relations/rabbitmq.ts';
import * as redis from '../../../relations/redis.ts';
import * as valkeyClient from '../../../relations/valkey-client.ts';
import { prefixed } from '../../../relations/variables.ts';
import { giving, type Row } from '../row.ts';

const redisRow = {
  gives: 'redis',
  publish: 'nothing',
  schema: redis.schema,
  variables: {
    REDIS_URL: redis.url,
    ...prefixed('REDIS_DB', redis.parts),
    ...prefixed('VALKEY_DB', redis.valkeyParts),
    ...prefixed('VALKEY', redis.valkeyFacts),
  },
  certificate: ({ ca }: redis.Redis) => ca,
  identity: 'nothing',
} as const;

export const CACHES_AND_QUEUES = {
  redis: giving({
    ...redisRow,
    interface: 'redis',
    charms: ['redis-k8s', 'redis'],
    ask: 'nothing',
    fixed: 'nothing',
    read: (relation) => redis.read(relation),
  }),

  valkey: giving({
    ...redisRow,
    interface: 'valkey_client',
    charms: ['valkey'],
    ask: ({ readSecret }) => valkeyClient.request(readSecret !== undefined),
    fixed: 'nothing',
    read: (relation, { readSecret, certificateFile }) => valkeyClient.read(relation, readSecret, certificateFile),
  }),

  rabbitmq: giving({
    interface: 'rabbitmq',
    charms: ['rabbitmq-server', 'rabbitmq-k8s'],
    gives: 'rabbitmq',
    ask: ({ unit }) => rabbitmq.request(unit.application),
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation, { unit, certificateFile }) => rabbitmq.read(relation, unit.application, certificateFile),
    schema: rabbitmq.schema,
    variables: { AMQP_URL: rabbitmq.url, ...prefixed('RABBITMQ', rabbitmq.parts) },
    certificate: ({ ca }) => ca,
    identity: 'nothing',
  }),
} satisfies Readonly<Record<string, Row>>;
