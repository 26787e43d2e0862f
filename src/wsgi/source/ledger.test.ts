import { describe, expect, it } from 'vitest';
import {
  type Build,
  chooseBuild,
  EMPTY_LEDGER,
  folderFor,
  type Ledger,
  newestOf,
  nowServes,
  overrideHolds,
  rollbackOf,
  rolledBack,
  superfluous,
} from './ledger.ts';

const build = (folder: string): Build => ({
  folder,
  label: folder.replace(/~.*$/, ''),
  content: `content of ${folder}`,
  origin: 'charm',
});
const ledger = (folders: readonly string[], more: Partial<Ledger> = {}): Ledger => ({
  ...EMPTY_LEDGER,
  builds: folders.map(build),
  ...more,
});

describe('chooseBuild', () => {
  it('serves the build asked for last while current_symlink is latest', () => {
    expect(chooseBuild(ledger(['r1', 'r2'], { latest: 'r1' }), 'latest')).toEqual({
      kind: 'serve',
      build: build('r1'),
    });
  });

  it('serves the label that current_symlink names, in its newest content', () => {
    expect(chooseBuild(ledger(['r1', 'r2', 'r1~2'], { latest: 'r2' }), 'r1')).toEqual({
      kind: 'serve',
      build: build('r1~2'),
    });
  });

  it('lets a unit serve another one while current_symlink stays as it was', () => {
    const moved = ledger(['r1', 'r2'], { latest: 'r2', override: { label: 'r2', during: 'r1' } });
    expect(chooseBuild(moved, 'r1')).toEqual({ kind: 'serve', build: build('r2') });
    expect(chooseBuild(moved, 'r2')).toEqual({ kind: 'serve', build: build('r2') });
    expect(chooseBuild({ ...moved, override: { label: 'r1', during: 'r1' } }, 'r2')).toEqual({
      kind: 'serve',
      build: build('r2'),
    });
  });

  it('names what is installed when a label is not', () => {
    expect(chooseBuild(ledger(['r1', 'r1~2', 'r2']), 'r9')).toEqual({
      kind: 'missing',
      label: 'r9',
      installed: ['r1', 'r2'],
    });
  });

  it('has nothing to serve before the first build', () => {
    expect(chooseBuild(EMPTY_LEDGER, 'latest')).toEqual({ kind: 'nothing' });
  });
});

describe('folderFor', () => {
  it('is the label, and counts on where other content of the label is there', () => {
    expect(folderFor(EMPTY_LEDGER, 'r1')).toBe('r1');
    expect(folderFor(ledger(['r1']), 'r1')).toBe('r1~2');
    expect(folderFor(ledger(['r1', 'r1~2']), 'r1')).toBe('r1~3');
  });
});

describe('newestOf', () => {
  it('is the content of a label that was installed last', () => {
    expect(newestOf(ledger(['r1', 'r1~2', 'r2']), 'r1')).toEqual(build('r1~2'));
  });
});

describe('superfluous', () => {
  const served = ledger(['r1', 'r2', 'r3', 'r4', 'r5'], { latest: 'r5', served: ['r1', 'r2', 'r3', 'r4', 'r5'] });

  it('keeps the served build, the one before it, and as many more as wanted, the newest', () => {
    expect(superfluous(served, 'latest', 1).map(({ folder }) => folder)).toEqual(['r1', 'r2']);
    expect(superfluous(served, 'latest', 0).map(({ folder }) => folder)).toEqual(['r1', 'r2', 'r3']);
    expect(superfluous(served, 'latest', 9)).toEqual([]);
  });

  it('keeps the build that current_symlink names, however old', () => {
    expect(superfluous(served, 'r1', 0).map(({ folder }) => folder)).toEqual(['r2', 'r3']);
  });
});

describe('nowServes', () => {
  it('moves a build that serves again to the end', () => {
    expect(nowServes(ledger([], { served: ['r1', 'r2'] }), 'r1').served).toEqual(['r2', 'r1']);
  });
});

describe('rolledBack', () => {
  const served = (folders: readonly string[], more: Partial<Ledger> = {}) =>
    ledger(['r1', 'r2', 'r3'], { latest: 'r3', served: [...folders], ...more });
  const back = (before: Ledger, option = 'latest'): Ledger => {
    const override = rolledBack(before, option);
    const after = { ...before, override };
    const choice = chooseBuild(after, option);
    return choice.kind === 'serve' ? nowServes(after, choice.build.folder) : after;
  };

  it('goes to the build before, then to the one before that, and then no further', () => {
    const once = back(served(['r1', 'r2', 'r3']));
    expect(once.served.at(-1)).toBe('r2');
    expect(rollbackOf(once, 'latest')).toBe('r3');
    const twice = back(once);
    expect(twice.served.at(-1)).toBe('r1');
    expect(rolledBack(twice, 'latest')).toBeUndefined();
  });

  it('passes over a build that is no longer installed', () => {
    const gone = { ...served(['r1', 'r2', 'r3']), builds: [build('r1'), build('r3')] };
    expect(rolledBack(gone, 'latest')?.label).toBe('r1');
  });

  it('goes back to the earlier content of the same label', () => {
    const again = ledger(['r1', 'r1~2'], { latest: 'r1~2', served: ['r1', 'r1~2'] });
    expect(chooseBuild(back(again), 'latest')).toEqual({ kind: 'serve', build: build('r1') });
  });

  it('ends with the next release, and begins from there', () => {
    const once = back(served(['r1', 'r2', 'r3']));
    const next: Ledger = { ...once, builds: [...once.builds, build('r4')], latest: 'r4' };
    expect(overrideHolds(next, 'latest')).toBe(false);
    expect(chooseBuild(next, 'latest')).toEqual({ kind: 'serve', build: build('r4') });
    expect(rolledBack(nowServes(next, 'r4'), 'latest')?.label).toBe('r2');
  });

  it('outlives a build that is only prepared while current_symlink names another', () => {
    const once = back(served(['r1', 'r2', 'r3']), 'r3');
    expect(overrideHolds({ ...once, builds: [...once.builds, build('r4')], latest: 'r4' }, 'r3')).toBe(true);
    expect(overrideHolds(once, 'latest')).toBe(false);
  });

  it('has nowhere to go on a unit that served one build, or none', () => {
    expect(rolledBack(served(['r1']), 'latest')).toBeUndefined();
    expect(rolledBack(EMPTY_LEDGER, 'latest')).toBeUndefined();
  });
});
