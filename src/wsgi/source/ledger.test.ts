import { describe, expect, it } from 'vitest';
import {
  type Build,
  chooseBuild,
  EMPTY_LEDGER,
  folderFor,
  type Ledger,
  newestOf,
  nowServes,
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
