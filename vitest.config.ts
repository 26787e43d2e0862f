import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { handlebarsModules, yamlModules } from './packages/charm-build/source-plugins.ts';

/** Three kinds of test, run in this order, cheapest first; the last needs root and is left out, and said so, without it. */
export default defineConfig({
  plugins: [handlebarsModules(), yamlModules()],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          sequence: { groupOrder: 1 },
          include: ['src/**/*.test.ts', 'packages/**/*.test.ts', 'scripts/**/*.test.ts', 'test/unit/**/*.test.ts'],
          exclude: ['packages/charm-build/skeleton'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'sandbox',
          sequence: { groupOrder: 2 },
          globalSetup: 'test/setup/build-charm.ts',
          include: ['test/sandbox/**/*.test.ts', 'examples/**/test/**/*.test.ts'],
          // Such a test waits more than it computes: for a service to settle, for a database, for a command.
          maxWorkers: availableParallelism() + 1,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'machine',
          sequence: { groupOrder: 3 },
          globalSetup: 'test/setup/build-charm.ts',
          include: ['test/machine/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // Such a test waits for a service or a port for most of its time.
          maxWorkers: 2,
        },
      },
    ],
  },
});
