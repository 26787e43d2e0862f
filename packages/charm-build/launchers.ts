import type { Actions, Metadata } from './metadata.ts';

/** One and the same launcher for all: which hook or action it is, its own name and Juju's environment tell. */
export const LAUNCHER = `#!/bin/sh
# Which hook or action this is, its name says; what is to be done, lib/entry.cjs decides.
charm=\${JUJU_CHARM_DIR:-\${0%/*}/..}
# shellcheck source=packages/charm-build/launch.sh
. "$charm/lib/launch.sh"
`;

/**
 * Source: Juju's hook reference. collect-metrics and meter-status-changed are left out: nothing here answers them, and
 * a file that does nothing costs a process each time.
 */
const LIFECYCLE = [
  'install',
  'config-changed',
  'start',
  'upgrade-charm',
  'update-status',
  'stop',
  'remove',
  'leader-elected',
  'leader-settings-changed',
  'pre-series-upgrade',
  'post-series-upgrade',
  'secret-changed',
  'secret-expired',
  'secret-remove',
  'secret-rotate',
];
const RELATION_STEPS = ['created', 'joined', 'changed', 'departed', 'broken'];
const STORAGE_STEPS = ['attached', 'detaching'];

/** Paths in the charm directory of every launcher that a charm with this metadata needs, sorted. */
export function launcherPaths(metadata: Metadata, actions: Actions): string[] {
  const endpoints = [metadata.provides, metadata.requires, metadata.peers].flatMap((group) => Object.keys(group ?? {}));
  const hooks = [
    ...LIFECYCLE,
    ...endpoints.flatMap((endpoint) => RELATION_STEPS.map((step) => `${endpoint}-relation-${step}`)),
    ...Object.keys(metadata.storage ?? {}).flatMap((name) => STORAGE_STEPS.map((step) => `${name}-storage-${step}`)),
  ];
  return [...hooks.map((hook) => `hooks/${hook}`), ...Object.keys(actions).map((action) => `actions/${action}`)].sort();
}
