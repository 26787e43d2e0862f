import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export interface ProjectTally {
  passed: number;
  failed: number;
  skipped: number;
  /** Why tests were left out, as far as they said, and how many of them. */
  leftOut: Record<string, number>;
  /** Summed over the files of the project, which run side by side. */
  milliseconds: number;
}

/** A vitest reporter that counts by project and leaves the counts as JSON in the file that TALLY_FILE names. */
export default class Tally implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const projects: Record<string, ProjectTally> = {};
    for (const module of modules) {
      const project = module.project.name;
      const tally = projects[project] ?? { passed: 0, failed: 0, skipped: 0, leftOut: {}, milliseconds: 0 };
      projects[project] = tally;
      tally.milliseconds += module.diagnostic().duration;
      let failedHere = 0;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') tally.passed += 1;
        else if (result.state === 'failed') failedHere += 1;
        else tally.skipped += 1;
        if (result.state === 'skipped' && result.note)
          tally.leftOut[result.note] = (tally.leftOut[result.note] ?? 0) + 1;
      }
      // A file that does not load, or whose hooks fail, fails without any test of its own failing.
      tally.failed += failedHere === 0 && !module.ok() ? 1 : failedHere;
    }
    const file = process.env.TALLY_FILE;
    if (file) writeFileSync(file, JSON.stringify({ projects, unhandled: unhandled.length }));
  }
}
