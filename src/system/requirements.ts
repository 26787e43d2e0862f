import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { posix } from 'node:path';
import { MachineError } from './errors.ts';
import type { Machine } from './machine.ts';
import { decodeRequirements, expandVariables } from './requirements-text.ts';
import { isBelow } from './safe-path.ts';

/** A requirements file and all that it reaches by -r and -c. */
export interface Requirements {
  /** Path in the build and text of each file, in the order in which they are reached. */
  readonly files: ReadonlyArray<readonly [path: string, text: string]>;
  /** Something is installed from the build itself, by `-e`, a path or a `file:` URL: another build is another environment. */
  readonly usesBuild: boolean;
  /** URLs that something is fetched from even where pip may ask no index, user-info included. */
  readonly urls: readonly string[];
}

/** A requirements file larger than this is something else. */
const LARGEST = 1024 * 1024;

/** Options with an argument that matter here, as pip spells them. */
const OPTION = /^(-r|--requirement|-c|--constraint|-e|--editable|-f|--find-links)(?:\s*=\s*|\s+|(?<=^-\w))(\S.*)$/;

/**
 * Reads a requirements file as pip does: comments, continued lines, nested files. Other files are relative to the one that
 * names them, and in the build.
 *
 * @param build - folder of the build, as a path of the machine
 * @param path - the requirements file, in the build
 * @param variables - of pip's environment: what a file refers to, and the files that pip's own name
 * @throws MachineError for a file that is missing, outside the build, or no text
 * @see https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
export function readRequirements(
  machine: Machine,
  build: string,
  path: string,
  variables: ReadonlyMap<string, string> = new Map(),
): Requirements {
  const root = realpathSync(machine.path(build));
  const files = new Map<string, string>();
  const urls: string[] = [];
  const expanded: string[] = [];
  let usesBuild = false;

  function read(file: string, namedBy: string): void {
    const name = posix.relative(root, file);
    if (files.has(name)) return;
    const text = readInside(root, file, namedBy);
    files.set(name, text);
    for (const written of logicalLines(text)) {
      const line = expandVariables(written, variables);
      if (line !== written) expanded.push(line);
      const found = classify(line);
      if (found.kind === 'file') {
        if (isUrl(found.value)) urls.push(found.value);
        else read(posix.resolve(posix.dirname(file), found.value), name);
      }
      if (found.kind === 'url') urls.push(found.value);
      if (found.kind === 'build') usesBuild = true;
    }
  }

  read(posix.join(root, posix.relative(machine.path(build), machine.path(path))), 'requirements_path');
  for (const name of ['PIP_REQUIREMENT', 'PIP_CONSTRAINT', 'PIP_BUILD_CONSTRAINT']) {
    const named =
      variables
        .get(name)
        ?.split(/\s+/)
        .filter((value) => value !== '') ?? [];
    for (const value of named.filter((each) => !isUrl(each))) {
      const file = posix.resolve(root, value);
      // What the operator keeps elsewhere on the machine is the operator's to change.
      if (isBelow(file, root)) read(file, name);
    }
  }
  // Neither what a line says with its variables, nor which files those name, is in the texts.
  return { files: expanded.length === 0 ? [...files] : [...files, ['', expanded.join('\n')]], usesBuild, urls };
}

/** Lines with comments taken off and continued lines joined, as pip's own reader has them. */
export function logicalLines(text: string): string[] {
  const joined = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const lines: string[] = [];
  let open = '';
  for (const line of joined.split('\n')) {
    const isComment = /^\s*#/.test(line);
    if (line.endsWith('\\') && !isComment) {
      open += line.slice(0, -1);
    } else {
      lines.push(open + (isComment ? ' ' : line));
      open = '';
    }
  }
  lines.push(open);
  return lines.map((line) => line.replace(/(^|\s+)#.*$/, '').trim()).filter((line) => line !== '');
}

type Line = { readonly kind: 'file' | 'url'; readonly value: string } | { readonly kind: 'build' | 'other' };

function classify(line: string): Line {
  const [, option, argument = ''] = OPTION.exec(line) ?? [];
  const value = unquote(argument);
  if (option !== undefined && /^(-r|-c|--req|--con)/.test(option)) return { kind: 'file', value };
  if (option !== undefined) return isRemote(value) ? { kind: 'url', value } : { kind: 'build' };
  if (line.startsWith('-')) return { kind: 'other' };
  const [, location] = /^[\w.-]+\s*(?:\[[^\]]*\])?\s*@\s*(\S+)/.exec(line) ?? [undefined, line];
  if (location !== undefined && isRemote(location)) return { kind: 'url', value: location };
  return isLocal(location ?? line) ? { kind: 'build' } : { kind: 'other' };
}

function unquote(argument: string): string {
  const [, double, single] = /^(?:"([^"]*)"|'([^']*)')/.exec(argument) ?? [];
  return double ?? single ?? argument.replace(/\s.*$/, '');
}

function isUrl(value: string): boolean {
  return /^[a-z][a-z0-9+.-]*:/i.test(value) && !value.startsWith('file:');
}

function isRemote(value: string): boolean {
  return isUrl(value) && !/^[a-z]+\+file:/.test(value);
}

/** As pip decides between a name and a path: a separator, a leading dot, or the name of an archive. */
function isLocal(requirement: string): boolean {
  const name = requirement.replace(/\s*(?:;|\[|\s--).*$/, '');
  return /[/]|^\.|^[a-z+]*file:|\.(?:whl|zip|tar\.gz|tgz|tar\.bz2|tar\.xz)$/i.test(name);
}

/**
 * The text of a file of the build that is no requirements file.
 *
 * @throws MachineError for a file that is missing, outside the build, or larger than that many bytes
 */
export function readBuildFile(machine: Machine, build: string, path: string, largest: number): string {
  const root = realpathSync(machine.path(build));
  return readInside(
    root,
    posix.join(root, posix.relative(machine.path(build), machine.path(path))),
    'the build',
    largest,
  );
}

function readInside(root: string, path: string, namedBy: string, largest = LARGEST): string {
  const shown = posix.relative(root, path);
  if (!isBelow(path, root)) throw new MachineError(`${namedBy} names ${shown}, which is outside of the build`);
  if (!existsSync(path)) throw new MachineError(`${namedBy} names ${shown}, which is not in the build`);
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // Ask the open file. The path may lead elsewhere by now: pip and make run as the user that owns the build.
    if (!isBelow(readlinkSync(`/proc/self/fd/${fd}`), root)) {
      throw new MachineError(`${namedBy} names ${shown}, a link that leads out of the build`);
    }
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new MachineError(`${namedBy} names ${shown}, which is not a file`);
    if (stat.size > largest)
      throw new MachineError(`${shown} is larger than such a file can be (${largest / 2 ** 20} MiB)`);
    return decodeRequirements(readFileSync(fd));
  } finally {
    closeSync(fd);
  }
}
