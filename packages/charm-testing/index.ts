/**
 * Tests of charms: the whole world of a unit in, one event, the world out. No Juju, no processes, no mocks of the charm.
 *
 * @example
 * ```ts
 * import { relationJoined, run, state } from 'layer-wsgi/testing';
 *
 * test('a proxy is told where the application is', async () => {
 *   const before = state({
 *     relations: [{ id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } }],
 *   });
 *   const after = await run(charm, relationJoined('website:1', 'haproxy/0'), before);
 *   expect(after.relations[0]?.localUnitData).toMatchObject({ port: '80' });
 * });
 * ```
 *
 * @module
 */
export { type Charm, type CharmMeta, type HookIo, readCharmMeta } from './charm.ts';
export { InconsistentStateError } from './consistency.ts';
export {
  action,
  type Event,
  exec,
  relationBroken,
  relationChanged,
  relationCreated,
  relationDeparted,
  relationJoined,
  secretChanged,
  storageAttached,
  storageDetaching,
} from './event.ts';
export type { LogLine } from './hook-world.ts';
export { loadCharm } from './load-charm.ts';
export type { ProgramAnswer, ProgramCall, ProgramResult, Programs, Ran } from './program.ts';
export { HookFailedError, type Outcome, type RunOptions, run } from './run.ts';
export {
  type FileContent,
  type Relation,
  type RelationInput,
  type Secret,
  type SecretInput,
  type Service,
  type State,
  type StateInput,
  type Storage,
  state,
} from './state.ts';
