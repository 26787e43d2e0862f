/** `npm run build`: the charm directory dist/charm, which Juju could deploy as it is. Takes `wsgi-charm build`'s options. */
process.argv.splice(2, 0, 'build');
await import('../src/cli.ts');
