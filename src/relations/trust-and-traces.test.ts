import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import * as certificateTransfer from './certificate-transfer.ts';
import { CA_ONE, CA_TWO } from './pem.fixture.ts';
import * as tracing from './tracing.ts';
import type { Answer, Relation } from './types.ts';

const relation = (app: Databag, units: Record<string, Databag> = {}): Relation => ({
  ...{ id: 'there:4', remoteApp: 'there', app, units },
});

describe('certificate_transfer', () => {
  const summary = (answer: Answer<certificateTransfer.Authorities>): string =>
    answer.kind === 'ready' ? certificateTransfer.bundle(answer.connection).bundle : `${answer.kind}: ${answer.reason}`;
  const both = [CA_ONE, CA_TWO].toSorted().join('\n');
  const list = (...pems: readonly string[]): Databag => ({ certificates: JSON.stringify(pems), version: '1' });

  test.each<[string, Databag, Record<string, Databag>, string]>([
    ['v1: the application', list(CA_ONE, CA_TWO), {}, `${both}\n`],
    ['in another order', list(CA_TWO, CA_ONE, CA_TWO), {}, `${both}\n`],
    ['several in one text', list(`${CA_TWO}\n${CA_ONE}\n`), {}, `${both}\n`],
    ['v0: units', {}, { 't/1': { ca: CA_TWO }, 't/0': { ca: CA_ONE, certificate: 'no', chain: '[]' } }, `${both}\n`],
    ['v0: one that is its own authority', {}, { 't/0': { certificate: CA_ONE } }, `${CA_ONE}\n`],
    ['nothing', {}, { 't/0': { 'private-address': '10.0.0.5' } }, 'waiting: there has not answered yet'],
    ['an empty list', list(), {}, 'waiting: there has not given a certificate yet'],
    ['a version only', { version: '1' }, {}, 'waiting: there has not given a certificate yet'],
    ['no list', { certificates: CA_ONE }, {}, 'refused: there gave certificates that are not a JSON list'],
    [
      'one that would break all others',
      list(CA_ONE, CA_TWO.replace(/\n(....)/, '\nAAAA')),
      {},
      'refused: there gave something other than a certificate in PEM',
    ],
    ['a key', list('-----BEGIN PRIVATE KEY-----'), {}, 'refused: there gave something other than a certificate in PEM'],
  ])('%s', (_, app, units, expected) => {
    expect(summary(certificateTransfer.read(relation(app, units), '/trusted.pem'))).toBe(expected);
  });
});

describe('tracing', () => {
  const receivers = (...all: readonly (readonly [string, string | null])[]): Databag => ({
    receivers: JSON.stringify(all.map(([name, url]) => ({ protocol: { name, type: 'http' }, url }))),
  });
  const summary = (answer: Answer<tracing.Tracing>): string =>
    answer.kind === 'ready'
      ? Object.values(tracing.variables)
          .map(({ text }) => text(answer.connection))
          .join(' ')
      : `${answer.kind}: ${answer.reason}`;

  test('asks for OTLP over HTTP', () => {
    expect(tracing.request).toEqual({ receivers: '["otlp_http"]' });
  });

  test.each<[string, Databag, string]>([
    [
      'of several, OTLP over HTTP',
      receivers(['otlp_grpc', 'tempo:4317'], ['otlp_http', 'http://tempo:4318']),
      'http://tempo:4318 http/protobuf shop',
    ],
    ['nothing', {}, 'waiting: there has not said yet where traces go'],
    ['none of ours', receivers(['zipkin', 'http://t']), 'waiting: there has not said yet where traces go by otlp_http'],
    ['not yet', receivers(['otlp_http', null]), 'waiting: there has not said yet where traces go by otlp_http'],
    [
      'a bad URL',
      receivers(['otlp_http', 'tempo']),
      'refused: there gave a URL for traces that is not of http or https',
    ],
    [
      'no list',
      { receivers: '{"otlp_http": 1}' },
      'refused: there gave receivers that are not a JSON list of a protocol and a url each',
    ],
  ])('%s', (_, app, expected) => {
    expect(summary(tracing.read(relation(app), 'shop'))).toBe(expected);
  });
});
