/**
 * Which file may import which, types included. `npm run check` holds the tree to it.
 *
 * Imports point down: to a later row of the list, or within the same row.
 */
const HOUSE = [
  '^src/(main|cli|index|layer-module|hook)\\.ts$|^src/bridge/',
  '^src/wsgi/',
  '^src/relations/',
  '^src/reactive/',
  '^src/juju/',
  '^src/system/',
];

/** The rooms of the charm. A look goes through them from the bottom of this list to its top. */
const ROOMS = [
  '^src/wsgi/layer\\.ts$',
  '^src/wsgi/reconcile\\.ts$',
  '^src/wsgi/(actions|decide|leave|publish-served|record|serve)\\.ts$',
  '^src/wsgi/(doctor|plan)/',
  '^src/wsgi/publish/',
  '^src/wsgi/metrics/',
  '^src/wsgi/app/',
  '^src/wsgi/processes/',
  '^src/wsgi/fleet/',
  '^src/wsgi/service/',
  '^src/wsgi/unit/',
  '^src/wsgi/memory/(?!last-served)',
  '^src/wsgi/source/',
  '^src/wsgi/memory/last-served',
  '^src/wsgi/relations/',
  '^src/wsgi/config/',
  '^src/wsgi/(api|author-requests|owner|paths|process-names|status)\\.ts$',
];

/** What a package offers to others. Everything else in it is its own. */
const ENTRIES = [
  '^packages/local-juju/(hooktools/|sandbox/|cli/)?index\\.ts$',
  '^packages/charm-testing/index\\.ts$',
  '^packages/charm-build/(index|commands)\\.ts$',
];

/** What the engine offers to the packages. */
const ENGINE = '^src/(reactive|juju|system)/index\\.ts$';

/** Tests and what only they use may look inside, and may play a whole charm. */
const TESTS = '\\.(test|fixture)\\.ts$';

/** A charm as an author would have it: what `wsgi-charm init` copies. */
const AUTHORS = '^packages/charm-build/skeleton/';

function upward(name, rows) {
  return rows.slice(1).map((row, above) => ({
    name: `${name}: ${row}`,
    comment: 'Imports point down the list in .dependency-cruiser.js: move what both need to the lower one.',
    severity: 'error',
    from: { path: row, pathNot: TESTS },
    to: { path: rows.slice(0, above + 1) },
  }));
}

export default {
  forbidden: [
    {
      name: 'no circles',
      comment: 'Move what both need into a file of its own, or into the one that needs it less.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...upward('house', HOUSE),
    ...upward('rooms', ROOMS),
    {
      name: 'every file of src/wsgi has a room',
      comment: 'Add the new room, or the file, to ROOMS.',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { path: '^src/wsgi/', pathNot: ROOMS },
    },
    {
      name: 'packages by their public entries',
      comment: 'What a package offers is in its index.ts.',
      severity: 'error',
      from: { path: '^(src|packages/([^/]+))/', pathNot: TESTS },
      to: { path: '^packages/', pathNot: ['^packages/$2/', ...ENTRIES] },
    },
    {
      name: 'only the command line of the charm imports packages',
      severity: 'error',
      from: { path: '^src/', pathNot: [TESTS, '^src/cli\\.ts$'] },
      to: { path: '^packages/' },
    },
    {
      name: 'local-juju stands alone',
      comment: 'It runs any charm.',
      severity: 'error',
      from: { path: '^packages/local-juju/' },
      to: { path: ['^src/', '^packages/', '^scripts/', '^test/'], pathNot: '^packages/local-juju/' },
    },
    {
      name: 'packages know the engine by its public entries, and no charm',
      comment:
        'What the builder needs of the layer is in src/layer-module.ts, which it finds in the folder of the layer.',
      severity: 'error',
      from: { path: '^packages/(charm-testing|charm-build)/', pathNot: [TESTS, AUTHORS] },
      to: { path: '^src/', pathNot: ENGINE },
    },
    {
      name: 'charm-build knows no test kit',
      severity: 'error',
      from: { path: '^packages/charm-build/', pathNot: [TESTS, AUTHORS] },
      to: { path: '^packages/charm-testing/' },
    },
    {
      name: 'imports that resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    moduleSystems: ['es6'],
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
