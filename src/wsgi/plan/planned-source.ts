/** Which build a unit would serve with other options, and what would have to be brought here for it. */
import { maskUrls } from '../../system/mask.ts';
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';
import type { WsgiYaml } from '../config/wsgi-yaml.ts';
import { availableBuilds, hasBuilds, type Installation, nextInstallation, wantedBuild } from '../source/builds.ts';
import { knownSource, type Source } from '../source/in-place.ts';
import {
  type Build,
  folderFor,
  type Ledger,
  nowServes,
  overrideHolds,
  readLedger,
  superfluous,
} from '../source/ledger.ts';
import { waiting } from '../status.ts';

export interface PlannedSource {
  /** Undefined where it is not on the unit yet. */
  readonly source: Source | undefined;
  readonly install: { readonly what: string; readonly from: string } | undefined;
  /** Labels of builds that go. */
  readonly remove: readonly string[];
  readonly label: string | undefined;
  readonly folder: string;
}

/** @throws Problem for a build that is neither here nor asked for, and where there is no code */
export async function plannedSource(api: WsgiApi, options: Options, yaml: WsgiYaml): Promise<PlannedSource> {
  const root = yaml.application_root;
  if (!hasBuilds) {
    const source = knownSource(api.data, yaml) ?? waiting(`no application yet: its code is not in ${root}`);
    return { source, install: undefined, remove: [], label: undefined, folder: root };
  }
  const ledger = readLedger(api.data);
  const step = nextInstallation(ledger, options.build_label, await availableBuilds(api, options));
  const after = afterInstallation(ledger, step, options);
  const build = wantedBuild(after, options);
  const folder = `${root}/${build.folder}`;
  const isHere = ledger.builds.some((one) => one.folder === build.folder);
  const gone = superfluous(nowServes(after, build.folder), options.current_symlink, options.builds_to_keep);
  return {
    source: isHere ? { folder, digest: build.content, label: build.label } : undefined,
    install: whatComes(step, options),
    remove: gone.map(({ label }) => label),
    label: build.label,
    folder,
  };
}

/** The ledger as it would be. Of a build that is not here its content is not known, and of a resource not even its label. */
function afterInstallation(ledger: Ledger, step: Installation, options: Options): Ledger {
  const kept = withoutEnded(ledger, options);
  if (step.kind === 'none') return kept;
  if (step.kind === 'latest') return withoutEnded({ ...kept, latest: step.folder }, options);
  const label = step.kind === 'resource' ? RESOURCE : options.build_label;
  const origin = step.kind === 'resource' ? 'resource' : options.code_assets_uri === undefined ? 'charm' : 'uri';
  const build: Build = { label, folder: folderFor(ledger, label), content: '', origin };
  return withoutEnded({ ...kept, builds: [...kept.builds, build], latest: build.folder }, options);
}

const RESOURCE = 'the build resource';

/** A choice of this unit alone ends with the next release. */
function withoutEnded(ledger: Ledger, { current_symlink }: Options): Ledger {
  return overrideHolds(ledger, current_symlink) ? ledger : { ...ledger, override: undefined };
}

function whatComes(step: Installation, { build_label, code_assets_uri }: Options): PlannedSource['install'] {
  if (step.kind === 'resource') return { what: RESOURCE, from: 'Juju' };
  if (step.kind !== 'label') return undefined;
  return {
    what: build_label,
    from: code_assets_uri === undefined ? "the charm's own files" : maskUrls(code_assets_uri),
  };
}
