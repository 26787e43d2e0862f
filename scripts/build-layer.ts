/** `npm run build:layer`: dist/layer/wsgi, which `charm build` takes. Takes `wsgi-charm build-layer`'s options. */
process.argv.splice(2, 0, 'build-layer');
await import('../src/cli.ts');
