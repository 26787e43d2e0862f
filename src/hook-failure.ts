/** What is said of a hook that failed: the handler, and where in its author's sources. */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { basename } from 'node:path';
import { actionFail } from './juju/action.ts';
import type { ToolRunner } from './juju/run.ts';
import { statusSet } from './juju/status.ts';
import type { HookContext } from './juju/types.ts';
import type { HandlerError } from './reactive/errors.ts';
import { maskUrls } from './system/mask.ts';

/** Frames of the stack that are logged. */
const FRAMES = 8;

/** Says it in the log, and in the status, which outlives the failed hook. An action is failed with the same words. */
export function reportHandler(error: HandlerError, run: ToolRunner, juju: HookContext): void {
  const message = maskUrls(error.message);
  const frames = framesOf(error.cause);
  const place = frames.find(isAuthors) ?? frames[0];
  juju.log('ERROR', place === undefined ? message : `${message} (${place})`);
  for (const frame of frames.slice(0, FRAMES)) juju.debug(`  at ${frame}`);
  if (juju.event.action === undefined) statusSet(run, { status: 'blocked', message });
  else if (juju.event.action.tag !== '') actionFail(run, message);
}

/** Code of the layer and of packages comes with the charm; the rest is its author's. */
function isAuthors(frame: string): boolean {
  return !/^(?:src|node_modules)\//.test(frame);
}

/** Where the error came from, innermost first: `reactive/shop.ts:14`. Frames of the runtime are left out. */
function framesOf(error: unknown): string[] {
  const stack = (error instanceof Error && error.stack) || '';
  const maps = new Map<string, SourceMap | undefined>();
  return [...stack.matchAll(/^ {4}at .*?\(?(?:file:\/\/)?(\/[^\n]*?):(\d+):(\d+)\)?$/gm)].flatMap(
    ([, file = '', line = '', column = '']) => {
      if (!maps.has(file)) maps.set(file, mapOf(file));
      const map = maps.get(file);
      if (map === undefined) return [`${basename(file)}:${line}`];
      const found = map.findEntry(Number(line) - 1, Number(column) - 1);
      return 'originalSource' in found ? [`${found.originalSource}:${found.originalLine + 1}`] : [];
    },
  );
}

function mapOf(file: string): SourceMap | undefined {
  if (!existsSync(`${file}.map`)) return undefined;
  try {
    const payload: SourceMapPayload = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
    return new SourceMap(payload);
  } catch {
    return undefined;
  }
}
