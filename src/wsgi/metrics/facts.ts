/** What the exporter shows besides the numbers of gunicorn: the charm writes it down in each look. */
import * as z from 'zod/mini';
import { listDirectory, readFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { sitePackages } from '../../system/venv.ts';
import { EXPORTER_FACTS } from '../paths.ts';

/** The frameworks whose applications the 12-factor charms count under names of their own; the first that is installed counts. */
const FRAMEWORKS = ['django', 'flask'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

export interface ExporterFacts {
  /** Units of systemd that are to run here: the service, processes, timers. */
  readonly units: readonly string[];
  readonly framework: Framework | undefined;
  /** Label of the build that serves; undefined where code is served in place. */
  readonly build: string | undefined;
  /** Seconds since 1970 at which it came to serve; undefined where nothing has. */
  readonly since: number | undefined;
  /** The release of the fleet is halted. */
  readonly halted: boolean;
}

const Written = z.object({ units: z.array(z.string()), framework: z.optional(z.enum(FRAMEWORKS)) });

/** What was written last of that which only an application that is prepared tells. */
export async function writtenFacts(machine: Machine): Promise<Pick<ExporterFacts, 'units' | 'framework'>> {
  try {
    const { units, framework } = Written.parse(JSON.parse((await readFile(machine, EXPORTER_FACTS)) ?? ''));
    return { units, framework };
  } catch {
    return { units: [], framework: undefined };
  }
}

export async function writeFacts(machine: Machine, facts: ExporterFacts): Promise<void> {
  await writeFile(machine, EXPORTER_FACTS, `${JSON.stringify(facts)}\n`, { mode: 0o644 });
}

/** @param venv machine path of the application's virtual environment */
export async function frameworkIn(machine: Machine, venv: string): Promise<Framework | undefined> {
  const packages = await sitePackages(machine, venv);
  const folders = await Promise.all(packages.map((path) => listDirectory(machine, path)));
  const installed = folders.flat().map((name) => /^([^-]+)-.*\.dist-info$/.exec(name)?.[1]?.toLowerCase());
  return FRAMEWORKS.find((name) => installed.includes(name));
}
