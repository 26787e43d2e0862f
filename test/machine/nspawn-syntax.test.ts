import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { NspawnMachine } from '../../packages/local-juju/nspawn/machine.ts';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';

const COUNT = Number(process.env.SYNTAX_CASES ?? 40);
const SEED = Number(process.env.SYNTAX_SEED ?? Date.now() % 0x7fffffff);

/** What parsers stumble over, and some of what they do not. */
const piece = fc.constantFrom(
  ...[
    'a',
    'B',
    '_',
    '0',
    ' ',
    '  ',
    '\t',
    '"',
    "'",
    '\\',
    '\\\\',
    '$',
    '$$',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: systemd's own variables
    '${A}',
    '$A',
    '%%',
    '%n',
    '#',
    ';',
    ' ; ',
    '=',
    '`',
    '!',
    '*',
    'é',
    '€',
    '🦊',
  ],
  ...[
    '\\n',
    '\\t',
    '\\x41',
    '\\x4',
    '\\101',
    '\\u00e9',
    '\\"',
    "\\'",
    '\\s',
    '\\q',
    '\\;',
    ',',
    '(',
    '|',
    '&',
    '<',
    '~',
    '{',
    '}',
    '[',
    '/',
    '-',
    '@',
    ':',
    '+',
  ],
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

/** Runs every case on a machine and prints, for each, what the process was given. */
const RUN = `
import json, os, subprocess, sys, time
root, count = sys.argv[1], int(sys.argv[2])
names = [f"case{i}.service" for i in range(count)]
call = lambda *a: subprocess.run(a, capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
call("systemctl", "daemon-reload")
call("systemctl", "start", *names)
shown = [call("systemctl", "show", "-p", "LoadState,Result", name) for name in names]
out = []
for name, state in zip(names, shown):
    path = f"{root}/var/lib/cases/{name}.out"
    out.append([state, open(path).read() if os.path.exists(path) else None])
print(json.dumps(out))
`;
const SHOW = `
import json, os, sys
given = {k: v for k, v in os.environb.items() if k[:5] == b"CASE_"}
out = {"argv": [os.fsencode(a).hex() for a in sys.argv[2:]], "env": {k.decode(): v.hex() for k, v in sorted(given.items())}}
open(sys.argv[1], "w").write(json.dumps(out))
`;

describe.skipIf(process.getuid?.() !== 0)('the sandbox reads unit files as a real systemd does', () => {
  let folder: string;
  let real: NspawnMachine;
  let sandbox: Sandbox;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'syntax-'));
    sandbox = await Sandbox.open(join(folder, 'machine'));
    await sandbox.start();
    real = await NspawnMachine.create();
  });
  afterAll(async () => {
    await real.destroy();
    await sandbox.destroy();
    await rm(folder, { recursive: true });
  });

  async function given(
    machine: LocalMachine,
    units: readonly ((path: (name: string) => string) => string)[],
  ): Promise<unknown[]> {
    for (const place of ['var/lib/cases', 'etc/cases'])
      await mkdir(join(machine.rootOnHost, place), { recursive: true });
    await writeFile(join(machine.rootOnHost, 'etc/cases/show.py'), SHOW);
    for (const [index, unit] of units.entries()) {
      await rm(join(machine.rootOnHost, `var/lib/cases/case${index}.service.out`), { force: true });
      const path = join(machine.rootOnHost, `etc/systemd/system/case${index}.service`);
      await writeFile(path, unit((name) => machine.seenPath(name)).replaceAll('@INDEX@', String(index)));
    }
    const root = machine.seenPath('/').replace(/\/$/, '');
    const ran = await machine.exec(['python3', '-c', RUN, root, String(units.length)], {
      env: { PATH: machine.hookPath },
    });
    expect(ran.stderr).toBe('');
    return JSON.parse(ran.stdout.replaceAll(sandbox.rootOnHost, ''));
  }

  async function compare(
    cases: readonly string[],
    unit: (text: string, path: (name: string) => string) => string,
  ): Promise<void> {
    const units = cases.map((one) => (path: (name: string) => string) => unit(one, path));
    const [wanted, found] = await Promise.all([given(real, units), given(sandbox, units)]);
    for (const [index, one] of cases.entries()) {
      expect(found[index], `seed ${SEED}, case ${index}: ${JSON.stringify(one)}`).toEqual(wanted[index]);
    }
  }

  const oneshot = (path: (name: string) => string, args = '', settings = ''): string =>
    `[Service]\nType=oneshot\nEnvironment="A=x  'y z\\\\\\\\w' v\\\\"\n${settings}\nExecStart=/usr/bin/python3 ${path('/etc/cases/show.py')} ${path('/var/lib/cases')}/case@INDEX@.service.out ${args}\n`;

  test('words of ExecStart', async () => {
    await compare(fc.sample(text, { numRuns: COUNT, seed: SEED }), (args, path) => oneshot(path, args));
  });

  test('words of Environment', async () => {
    const assignment = fc
      .array(fc.tuple(fc.constantFrom('CASE_X=', '"CASE_Y=', "'CASE_Z=", ''), text))
      .map((pairs) => pairs.flat().join(''));
    const cases = fc.sample(assignment, { numRuns: COUNT, seed: SEED });
    await compare(cases, (value, path) => oneshot(path, '', `Environment=${value}`));
  });

  test('files of EnvironmentFile', async () => {
    const line = fc.tuple(
      fc.constantFrom('CASE_X=', 'CASE_Y = ', ' CASE_Z=', '#CASE_C=', 'export CASE_E=', 'CASE_Q="', "CASE_S='", ''),
      text,
    );
    const file = fc
      .array(
        line.map(([name, value]) => name + value),
        { maxLength: 5 },
      )
      .map((lines) => lines.join('\n'));
    const cases = fc.sample(file, { numRuns: COUNT, seed: SEED });
    for (const machine of [real, sandbox]) {
      await mkdir(join(machine.rootOnHost, 'etc/cases'), { recursive: true });
      for (const [index, content] of cases.entries())
        await writeFile(join(machine.rootOnHost, `etc/cases/${index}.env`), content);
    }
    await compare(cases, (_, path) => oneshot(path, '', `EnvironmentFile=${path('/etc/cases')}/@INDEX@.env`));
    expect(await readFile(join(sandbox.rootOnHost, 'etc/cases/0.env'), 'utf8')).toBe(cases[0]);
  });
});
