/** The model's folder: `model.json`, written atomically by one command at a time, and what lies beside it. */

import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { LocalError } from './local-error.ts';
import { ModelState } from './state.ts';

const FILE = 'model.json';
const LOCK = 'model.lock';

/** @throws LocalError when there is no model, or its file does not fit */
export function loadState(dir: string): ModelState {
  const path = join(dir, FILE);
  const text = readText(path);
  if (text === undefined) throw new LocalError(`no model at ${dir}; "deploy" makes one`);
  const parsed = ModelState.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new LocalError(`${path} is not a model of this version (${z.prettifyError(parsed.error).split('\n')[0]})`);
}

export function hasState(dir: string): boolean {
  return readText(join(dir, FILE)) !== undefined;
}

export function saveState(dir: string, state: ModelState): void {
  stateSaver(dir, state)();
}

/** Saves a state again and again while a command works on it; what has not changed is not written anew. */
export function stateSaver(dir: string, state: ModelState): () => void {
  let saved = '';
  return () => {
    const text = JSON.stringify(state);
    if (text === saved) return;
    writeState(dir, text);
    saved = text;
  };
}

/** Readable by its owner only: it holds secrets. */
function writeState(dir: string, text: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, FILE);
  const beside = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(beside, `${text}\n`, { mode: 0o600 });
  renameSync(beside, path);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Waits until no other command works on the model. The lock of a process that is gone is taken over.
 * @returns what releases it
 */
export async function lock(dir: string, onWait?: (pid: number) => void): Promise<() => void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, LOCK);
  let told = false;
  for (;;) {
    const holder = tryLock(path);
    if (holder === undefined) return () => rmSync(path, { force: true });
    if (!told) onWait?.(holder);
    told = true;
    await sleep(50);
  }
}

/** The process that holds it; `undefined` when it is ours now. */
function tryLock(path: string): number | undefined {
  const mine = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(mine, `${process.pid} ${startOf(process.pid)}`);
  try {
    // A link is there with its content at once, or not at all.
    linkSync(mine, path);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(mine, { force: true });
  }
  const held = readText(path) ?? '';
  const [pid = 0, start = 0] = held.split(' ').map(Number);
  if (startOf(pid) !== start) takeAway(path, held);
  return pid;
}

/** When a process began, in clock ticks since the host's boot; `undefined` when there is none of that number. */
function startOf(pid: number): number | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  // Field 22; the name before it may hold anything, but ends with the last parenthesis.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}

/** Renamed first: of two that find it stale one gets it, and gives it back when it was another's by then. */
function takeAway(path: string, stale: string): void {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
    if (readText(aside) !== stale) linkSync(aside, path);
  } catch {
    // The other one was faster.
  } finally {
    rmSync(aside, { force: true });
  }
}
