/**
 * Loaded into a hook before the charm: counts what the hook does to the world, and ends it by SIGKILL at one of these.
 *
 * A side effect is a call that changes a file, or a program that is started and does not merely ask. A program counts
 * twice where the hook does not wait for it in the call: before it is started, and while it runs.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { basename } from 'node:path';

/** What is to happen, in the file that KILL_ORDER names; without such a file the hook is left alone. */
interface Order {
  /** `config-changed`; other hooks are left alone. */
  readonly hook: string;
  /** The side effect at which the hook ends: its number from 0, or a part of its name; absent to count them. */
  readonly at?: number | string;
  /** Where all side effects are listed, one a line, when the hook ends by itself. */
  readonly list?: string;
}

const CHANGES = [
  'appendFile',
  'chmod',
  'chown',
  'copyFile',
  'cp',
  'fchmod',
  'fchown',
  'ftruncate',
  'futimes',
  'lchown',
  'link',
  'lutimes',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'truncate',
  'unlink',
  'utimes',
  'write',
  'writeFile',
  'writev',
];

/** Programs that ask and change nothing, with what follows them on the command line. */
const QUESTIONS =
  /^(?:systemctl (?:show|is-\S+|list-\S+|cat)|journalctl|dpkg-query|getent|id|test|ss|apt-cache|config-get|relation-(?:ids|get|list)|status-get|is-leader|network-get|resource-get|unit-get|state-get|goal-state|leader-get|opened-ports|action-get|credential-get|secret-(?:get|info-get|ids)|storage-\S+)\b/;

type Call = (...args: unknown[]) => unknown;

const place = process.env.KILL_ORDER;
const order = place === undefined ? undefined : read(place);
delete process.env.KILL_ORDER;
if (order !== undefined && place !== undefined && order.hook === basename(process.argv[2] ?? '')) obey(order, place);

function read(path: string): Order | undefined {
  return fs.existsSync(path) ? JSON.parse(fs.readFileSync(path, 'utf8')) : undefined;
}

function obey({ at, list }: Order, path: string): void {
  const effects: string[] = [];
  const { rmSync, writeFileSync } = fs;
  /** Calls within a call, as of copying folders, are one effect. */
  let within = false;
  const count = (name: string): void => {
    if (within) return;
    const number = effects.push(name) - 1;
    if (typeof at === 'string' ? !name.includes(at) : number !== at) return;
    rmSync(path);
    process.kill(process.pid, 'SIGKILL');
  };
  const wrap = (holder: object, name: string, describe: (args: unknown[]) => string | undefined, after = false) => {
    const original: unknown = Reflect.get(holder, name);
    if (typeof original !== 'function') return;
    const counted: Call = function counted(this: unknown, ...args) {
      const effect = describe(args);
      if (effect !== undefined) count(effect);
      const outer = within;
      within = true;
      try {
        return Reflect.apply(original, this, args);
      } finally {
        within = outer;
        if (effect !== undefined && after) count(`${effect} (while it runs)`);
      }
    };
    Reflect.set(holder, name, Object.assign(counted, original));
  };

  for (const name of CHANGES) {
    const describe = ([file]: unknown[]) => (changesNothing(name, file) ? undefined : `${name} ${shown(file)}`);
    wrap(fs, name, describe);
    wrap(fs, `${name}Sync`, describe);
    wrap(fs.promises, name, describe);
  }
  for (const name of ['open', 'openSync'])
    wrap(fs, name, ([file, flags]) => (makes(flags) ? `open ${shown(file)}` : undefined));
  wrap(fs.promises, 'open', ([file, flags]) => (makes(flags) ? `open ${shown(file)}` : undefined));
  for (const name of ['spawn', 'fork', 'execFile']) wrap(childProcess, name, commandOf, true);
  for (const name of ['spawnSync', 'execFileSync']) wrap(childProcess, name, commandOf);

  if (list !== undefined) process.on('exit', () => writeFileSync(list, effects.map((line) => `${line}\n`).join('')));
}

/** Output, folders that are there, and files that are not there to be removed. */
function changesNothing(name: string, file: unknown): boolean {
  if (name.startsWith('write') && (file === 1 || file === 2)) return true;
  if (name === 'mkdir') return fs.existsSync(String(file));
  return /^(?:unlink|rm|rmdir)$/.test(name) && fs.lstatSync(String(file), { throwIfNoEntry: false }) === undefined;
}

/** Whether a file may come to be by opening it. */
function makes(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & (fs.constants.O_CREAT | fs.constants.O_TRUNC)) !== 0;
  return typeof flags === 'string' && /[wa]/.test(flags);
}

function commandOf([program, args]: unknown[]): string | undefined {
  const words = [basename(String(program)), ...(Array.isArray(args) ? args.map(String) : [])];
  const command = words.join(' ');
  return QUESTIONS.test(command) ? undefined : command.slice(0, 120).replaceAll('\n', ' ');
}

function shown(file: unknown): string {
  return typeof file === 'number' ? `fd ${file}` : String(file);
}
