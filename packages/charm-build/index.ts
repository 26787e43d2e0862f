/** From the folder of a charm's sources to what Juju deploys. */
export { type CharmOptions, type CharmParts, charmTree } from './charm.ts';
export { CharmError } from './errors.ts';
export { makeArchive, makeDirectory, makeLayer, readCharm } from './make.ts';
export { PROJECT } from './package.ts';
export { ARCHITECTURES, type Architecture, ownArchitecture } from './runtime.ts';
export { type Tree, writeTree } from './tree.ts';
