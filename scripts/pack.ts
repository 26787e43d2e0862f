/** `npm run pack`: dist/wsgi_ARCHITECTURE.charm. Takes `wsgi-charm pack`'s options, such as `-- --arch arm64`. */
process.argv.splice(2, 0, 'pack');
await import('../src/cli.ts');
