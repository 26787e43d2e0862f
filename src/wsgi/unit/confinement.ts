/** What every process of the application runs as and in: its user, environment, limits and sandbox, the same for all of them. */
import renderConfinement from '../../../templates/confinement.hbs';
import { unitValue, unitWord } from '../../system/unit-words.ts';

/** What every process of the application runs with. Paths are as the machine's processes see them. */
export interface Confinement {
  readonly user: string;
  readonly group: string;
  readonly workingDirectory: string;
  /** `NAME=value` that tells the generation apart. */
  readonly generation: string;
  readonly environmentFile: string;
  /** Folders that the application writes besides its state directory. */
  readonly readWritePaths: readonly string[];
  /** Folders that it does not write even where they lie in one that it does: its code. */
  readonly readOnlyPaths: readonly string[];
  /** False on a machine that refuses what needs a mount namespace. */
  readonly sandboxing: boolean;
}

/** The words of the settings, and `confinement`, the settings themselves, for the [Service] section of a unit's template. */
export function confined(spec: Confinement) {
  const writable = spec.readWritePaths;
  const words = {
    user: spec.user,
    group: spec.group,
    workingDirectory: unitValue(spec.workingDirectory),
    generation: unitWord(spec.generation),
    environmentFile: unitValue(spec.environmentFile),
    readWritePaths: paths(writable),
    readOnlyPaths: paths(spec.readOnlyPaths.filter((path) => !writable.includes(path))),
    protectHome: inHome([spec.workingDirectory, ...writable]) ? 'read-only' : 'yes',
    sandboxing: spec.sandboxing,
  };
  return { ...words, confinement: renderConfinement(words).trimEnd() };
}

/** A folder that is not there is left out, where systemd would not start the service. */
function paths(folders: readonly string[]): string {
  return [...new Set(folders)].map((path) => unitWord(`-${path}`)).join(' ');
}

/** The folder of a file. */
export function parent(file: string): string {
  return file.slice(0, file.lastIndexOf('/')) || '/';
}

/** ProtectHome=yes hides these folders with all that is in them. */
function inHome(places: readonly string[]): boolean {
  return places.some((path) => /^\/(home|root|run\/user)(\/|$)/.test(path));
}
