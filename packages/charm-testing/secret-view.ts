/** Secrets as the hook tools see them. */
import type { Databag } from '../../src/juju/index.ts';
import type { SecretView } from '../local-juju/hooktools/index.ts';
import { applicationOf } from './event.ts';
import type { Secret, State } from './state.ts';

type Tracked = ReadonlyMap<string, { readonly revision: number; readonly label: string }>;

/** @param tracked what the running hook has read, by id */
export function secretViews(state: State, tracked: Tracked): SecretView[] {
  return state.secrets.map((secret) => view(state, secret, tracked));
}

function view(state: State, secret: Secret, tracked: Tracked): SecretView {
  const application = applicationOf(state.unit);
  const own = secret.owner === 'application' || secret.owner === 'unit';
  const label = own ? secret.label : '';
  const before =
    secret.tracked === undefined ? undefined : { revision: secret.tracked, label: own ? '' : secret.label };
  const consumed = tracked.get(secret.id) ?? before;
  return {
    id: secret.id,
    owner: ownerOf(state, secret),
    label,
    description: '',
    rotation: 'never',
    latest: secret.revisions.length,
    revisions: Object.fromEntries(secret.revisions.map((content, index) => [index + 1, encoded(content)])),
    grants:
      own || !secret.granted ? [] : [{ target: `application-${application}`, scope: `model-${state.model.uuid}` }],
    consumed,
  };
}

function ownerOf(state: State, { owner }: Secret): SecretView['owner'] {
  if (owner === 'unit') return { kind: 'unit', name: state.unit };
  if (owner === 'application') return { kind: 'application', name: applicationOf(state.unit) };
  return owner === 'user' ? { kind: 'model', name: state.model.uuid } : { kind: 'application', name: owner };
}

function encoded(content: Databag): Databag {
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  );
}

export function decodedContent(content: Databag): Databag {
  return Object.fromEntries(
    Object.entries(content).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}
