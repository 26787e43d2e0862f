import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Machine } from './machine.ts';
import { createMachine } from './real-machine.ts';

/** A machine in an empty folder, with shell scripts in place of the programs that would change the real one. */
export interface ScriptedMachine {
  readonly root: string;
  readonly machine: Machine;
  /** Puts a script on PATH, before all others. */
  program(name: string, script: string): void;
  /** What was run so far by programs that call `ran "$@"`, a line each. */
  ran(): string[];
  remove(): void;
}

export function createScriptedMachine(): ScriptedMachine {
  const root = mkdtempSync(join(tmpdir(), 'scripted-'));
  const bin = `${root}/bin`;
  mkdirSync(bin);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  return {
    root,
    machine: createMachine(root),
    program(name, script) {
      const ran = `ran() { echo "${name} $*" >>"$WSGI_ROOT/ran"; }\n`;
      writeFileSync(`${bin}/${name}`, `#!/bin/sh\n${ran}${script}\n`);
      chmodSync(`${bin}/${name}`, 0o755);
    },
    ran: () => (existsSync(`${root}/ran`) ? readFileSync(`${root}/ran`, 'utf8').trimEnd().split('\n') : []),
    remove() {
      vi.unstubAllEnvs();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
