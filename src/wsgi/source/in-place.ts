/** The application's code where an author's handlers put it: served in place, and new when its content is. */
import type { Data } from '../../reactive/types.ts';
import { digestTree } from '../../system/digest.ts';
import { giveTree, listDirectory } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import type { WsgiYaml } from '../config/wsgi-yaml.ts';
import type { Account } from './data-paths.ts';
import { isAsIndexed, rememberIndex } from './source-index.ts';

/** Code that can be served. */
export interface Source {
  /** Folder of it, as a machine path. */
  readonly folder: string;
  /** Digest of names and contents, without what the application writes itself. */
  readonly digest: string;
  /** Label of the build; undefined for code that is served in place. */
  readonly label: string | undefined;
}

/** Where it shows that the source was removed. The service cannot write in a build; in code in place it may, in data paths. */
export function sourcePath({ folder, label }: Source): string {
  return label === undefined ? `${folder}/` : folder;
}

const KEY = 'wsgi.source';
/** Digest of it after provision_command had written beside the code, as collectstatic does: the same source still. */
const PROVISIONED = 'wsgi.source.provisioned';

/**
 * The source that was last said to be available. Looks at it again only when an author's handler asks for that: the
 * folder may be half-written at any other time.
 *
 * @param lookAgain whether `wsgi.source.available` is set
 */
export async function sourceInPlace(
  machine: Machine,
  data: Data,
  yaml: WsgiYaml,
  lookAgain: boolean,
  account: Account,
): Promise<Source | undefined> {
  const folder = yaml.application_root;
  const exclude = writtenPaths(yaml);
  const recorded = data.get(KEY);
  const known = typeof recorded === 'string' ? recorded : undefined;
  if ((await listDirectory(machine, folder)).length === 0) return undefined;
  if (!lookAgain) return known === undefined ? undefined : { folder, digest: known, label: undefined };
  const unread = known !== undefined && isAsIndexed(machine, data, { folder, exclude });
  if (unread) return { folder, digest: known, label: undefined };
  const digest = await digestTree(machine, folder, { exclude });
  if (known !== undefined && digest === data.get(PROVISIONED)) {
    rememberIndex(machine, data, folder, exclude);
    return { folder, digest: known, label: undefined };
  }
  // provision_command may write beside the code, as collectstatic does; the service itself may not.
  if (digest !== known) await giveTree(machine, folder, { owner: account.user, group: account.group });
  data.set(KEY, digest);
  rememberIndex(machine, data, folder, exclude);
  return { folder, digest, label: undefined };
}

/** The source as the hook before this one knew it; its files are not looked at. */
export function knownSource(data: Data, { application_root: folder }: WsgiYaml): Source | undefined {
  const digest = data.get(KEY);
  return typeof digest === 'string' ? { folder, digest, label: undefined } : undefined;
}

/** To be called after provision_command: what it wrote beside code that is served in place is no new source. */
export async function rememberProvisioned(machine: Machine, data: Data, source: Source, yaml: WsgiYaml): Promise<void> {
  if (source.label !== undefined) return;
  const exclude = writtenPaths(yaml);
  data.set(PROVISIONED, await digestTree(machine, source.folder, { exclude }));
  rememberIndex(machine, data, source.folder, exclude);
}

/** Data paths, and what was kept aside of them. */
function writtenPaths({ data_paths }: WsgiYaml): string[] {
  return data_paths.flatMap((path) => [path, `${path}.shipped`]);
}
