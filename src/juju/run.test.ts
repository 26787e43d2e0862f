import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relationSet } from './relation.ts';
import { call, HookToolError, read, runTool, TOOL_MISSING } from './run.ts';

/** Real programs under the names of hook tools, found on PATH. */
const SCRIPTS = {
  'config-get': 'echo \'{"port": 80}\'',
  'relation-set': 'cat; echo "$@"; cat >&2; exit 1',
  'status-set': 'exit 0',
  'is-leader': 'kill -9 $$',
  'unit-get': 'echo "ERROR no address" >&2; echo more >&2; exit 1',
  'state-get': 'echo nonsense',
  'state-set': 'cat',
};

const folder = mkdtempSync(join(tmpdir(), 'hook-tools-'));
const path = process.env.PATH;

beforeAll(() => {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = `${folder}${delimiter}${path}`;
});

afterAll(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

describe('runTool', () => {
  it('runs a program found on PATH and reads what it printed', () => {
    expect(read(runTool, v.object({ port: v.number() }), 'config-get')).toEqual({ port: 80 });
  });

  it('passes megabytes on stdin, both ways, unharmed', () => {
    const data = `${'å\n'.repeat(1_000_000)}end`;
    expect(call(runTool, 'state-set', [], { input: data })).toBe(data);
  });

  it('takes the exit code of a tool that does not read its stdin', () => {
    expect(runTool('status-set', [], 'x'.repeat(10_000_000)).code).toBe(0);
  });

  it('tells a tool that is not there from one that fails', () => {
    const absent = runTool('leader-get', []);
    expect(absent.code).toBe(TOOL_MISSING);
    expect(() => call(runTool, 'leader-get', [])).toThrow('this Juju has no such hook tool');
  });

  it('gives the code that a shell gives for a signal', () => {
    expect(runTool('is-leader', []).code).toBe(137);
  });

  it('does not throw for an argument that no process can have', () => {
    expect(runTool('status-set', ['x'.repeat(200_000)])).toMatchObject({ code: 126, stderr: 'E2BIG' });
  });
});

describe('HookToolError', () => {
  it('holds command, code and stderr, and says the reason in one line', () => {
    const error = failure(() => call(runTool, 'unit-get', ['private-address']));
    expect(error).toMatchObject({ command: 'unit-get', code: 1, stderr: 'ERROR no address\nmore\n' });
    expect(error.message).toBe('unit-get ended with 1: no address');
  });

  it('says when a tool prints what is not expected', () => {
    expect(() => read(runTool, v.object({}), 'state-get')).toThrow('state-get ended with 0: unexpected output');
  });

  it('has no value that was written, though the tool repeats it', () => {
    const run = (_: string, __: readonly string[], input = '') => ({
      code: 1,
      stdout: '',
      stderr: `ERROR bad: ${input}`,
    });
    const error = failure(() => relationSet(run, 'db:1', { password: 'tiger "quoted"' }));
    expect(`${error.message}${error.stderr}`).not.toContain('tiger');
  });
});

function failure(act: () => unknown): HookToolError {
  try {
    act();
  } catch (error) {
    if (error instanceof HookToolError) return error;
  }
  throw new Error('it did not fail');
}
