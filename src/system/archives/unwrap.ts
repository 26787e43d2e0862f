/** Archives as GitHub makes them: all that is in them is in one folder, which is not part of the application. */
import type { Member, Visit } from './member.ts';

/** Sees what the members of an archive have in common. */
export interface TopFolder {
  readonly visit: (member: Member) => void;
  /** The folder that all members are in; undefined where something else is at the top. */
  name(): string | undefined;
}

export function findTopFolder(): TopFolder {
  const tops = new Set<string>();
  let only = true;
  return {
    visit(member) {
      const [top, ...below] = partsOf(member.name);
      if (top === undefined) return;
      tops.add(top);
      if (below.length === 0 && member.kind !== 'directory') only = false;
    },
    name() {
      const [top] = tops;
      return only && tops.size === 1 ? top : undefined;
    },
  };
}

/** Takes the first folder off the names that `visit` is told. */
export function withoutTopFolder(visit: Visit): Visit {
  return (member) =>
    visit({
      ...member,
      name: inside(member),
      ...(member.kind === 'hardlink' && member.target !== undefined
        ? { target: partsOf(member.target).slice(1).join('/') }
        : {}),
    });
}

function inside({ name, kind }: Member): string {
  const path = partsOf(name).slice(1).join('/');
  if (path === '') return './';
  return kind === 'directory' || name.endsWith('/') ? `${path}/` : path;
}

function partsOf(name: string): string[] {
  return name.split('/').filter((part) => part !== '' && part !== '.');
}
