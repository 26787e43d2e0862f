import { readFile, rm, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { environmentFile } from '../../src/system/environment-file.ts';
import { type TriedSandbox, trySandbox } from './sandbox-machine.fixture.ts';

let tried: TriedSandbox;
beforeAll(async () => {
  tried = await trySandbox();
});
afterAll(() => tried.end());

test('a service that dies is started again, and after too many times no more', async () => {
  const { unit, systemctl, shown, until, journal } = tried;
  await unit(
    'crash.service',
    '[Unit]\nStartLimitBurst=3\nStartLimitIntervalSec=60\n[Service]\nRestart=on-failure\nRestartSec=10ms\nExecStart=/bin/sh -c "echo trying; exit 3"\n',
  );
  await systemctl('start', 'crash');
  await until('crash', { ActiveState: 'failed' });
  expect(await shown('crash', 'Result', 'NRestarts', 'ExecMainStatus')).toBe(
    'ExecMainStatus=3 NRestarts=3 Result=exit-code',
  );
  const lines = await journal('crash');
  expect(lines.filter((line) => line === 'trying')).toHaveLength(3);
  expect(lines).toContain('crash.service: Start request repeated too quickly.');
});

test('OnFailure is started when a service has failed for good', async () => {
  const { unit, systemctl, until, journal } = tried;
  await unit('alarm@.service', '[Service]\nType=oneshot\nExecStart=echo %i has failed\n');
  await unit('frail.service', '[Unit]\nOnFailure=alarm@%N.service\n[Service]\nExecStart=/bin/false\n');
  await systemctl('start', 'frail');
  await until('frail', { ActiveState: 'failed' });
  await expect.poll(() => journal('alarm@frail.service')).toContain('frail has failed');
});

test('drop-ins add to a unit and replace parts of it', async () => {
  const { unit, systemctl, journal, machine } = tried;
  await unit('base.service', '[Service]\nType=oneshot\nEnvironment=A=base B=base\nExecStart=sh -c "echo $A $B"\n');
  await unit('base.service.d/50-operator.conf', '[Service]\nEnvironment=B=operator\n');
  await systemctl('start', 'base');
  await unit('base.service.d/60-operator.conf', '[Service]\nExecStart=\nExecStart=echo another command\n');
  await systemctl('start', 'base');
  await rm(machine.seenPath('/etc/systemd/system/base.service.d'), { recursive: true });
  await systemctl('daemon-reload');
  await systemctl('start', 'base');
  const said = (await journal('base')).filter((line) => !line.includes('base.service'));
  expect(said).toEqual(['base operator', 'another command', 'base base']);
});

test('stdout and stderr reach journal and syslog, with priority, identifier and pid', async () => {
  const { unit, systemctl, run, shown, machine } = tried;
  await unit(
    'talk.service',
    '[Service]\nType=oneshot\nRemainAfterExit=yes\nSyslogIdentifier=talker\nExecStart=sh -c "echo out; echo err >&2; echo \'<3>bad\'; printf unfinished"\n',
  );
  await systemctl('start', 'talk');
  const entries = (await run('journalctl', '-u', 'talk', '-t', 'talker', '-o', 'json')).stdout.trim().split('\n');
  const pid = (await shown('talk', 'ExecMainPID')).replace('ExecMainPID=', '');
  expect(entries.map((entry) => JSON.parse(entry)).map((e) => [e.MESSAGE, e.PRIORITY, e._PID])).toEqual([
    ['out', '6', pid],
    ['err', '6', pid],
    ['bad', '3', pid],
    ['unfinished', '6', pid],
  ]);
  expect(await readFile(machine.seenPath('/var/log/syslog'), 'utf8')).toContain(`talker[${pid}]: err\n`);
});

test('a stop ends children, and children of children that have left the session', async () => {
  const { unit, systemctl, run } = tried;
  await unit('many.service', "[Service]\nExecStart=sh -c '(setsid sleep 7123 &) ; sleep 7123 & exec sleep 7123'\n");
  await systemctl('start', 'many');
  await expect.poll(async () => (await run('pgrep', '-fc', '^sleep 7123')).stdout).toBe('3\n');
  await systemctl('stop', 'many');
  expect(await run('pgrep', '-fc', '^sleep 7123')).toMatchObject({ stdout: '0\n' });
});

test('directories of the unit are made in the machine and named to the service', async () => {
  const { unit, systemctl, journal, machine } = tried;
  await unit(
    'places.service',
    '[Service]\nType=oneshot\nUser=www-data\nStateDirectory=places\nStateDirectoryMode=0750\nRuntimeDirectory=places\nLogsDirectory=places\nExecStart=sh -c "echo $$HOME $$USER; stat -c %%a:%%n $STATE_DIRECTORY; echo $RUNTIME_DIRECTORY $LOGS_DIRECTORY"\n',
  );
  await systemctl('start', 'places');
  const root = machine.rootOnHost;
  const said = (await journal('places')).filter((line) => line.includes(root));
  expect(said).toEqual([
    `${root}/var/www www-data`,
    `750:${root}/var/lib/places`,
    `${root}/run/places ${root}/var/log/places`,
  ]);
});

test('what is not honoured is named once in the journal of the unit', async () => {
  const { unit, systemctl, journal } = tried;
  await unit('strict.service', '[Service]\nType=oneshot\nProtectSystem=strict\nMemoryMax=1G\nTypo=1\nExecStart=true\n');
  for (let time = 0; time < 2; time++) await systemctl('start', 'strict');
  const named = (await journal('strict')).filter((line) => /honoured|Typo/.test(line));
  expect(named).toEqual([
    "strict.service: Unknown key name 'Typo' in section 'Service', ignoring.",
    'strict.service: Not honoured in the sandbox: ProtectSystem= MemoryMax=',
  ]);
});

test('every value of an environment file arrives byte for byte', async () => {
  const { run, machine } = tried;
  const path = machine.seenPath('/etc/values.env');
  const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));
  // Control characters but tab and newline are refused by systemd itself.
  const value = fc
    .string({ unit: 'binary' })
    .filter((text) => text.isWellFormed() && !/[^\P{Cc}\t\n\u0080-\u009f]/u.test(text));
  await fc.assert(
    fc.asyncProperty(
      fc.record({ CASE_A: value, CASE_B: value, CASE_C: fc.mixedCase(fc.constant(`${ascii}\n\t é€🦊`)) }),
      async (wanted) => {
        await writeFile(path, environmentFile(new Map(Object.entries(wanted))));
        const ran = await run(
          'systemd-run',
          '-q',
          '--wait',
          '--pipe',
          '--collect',
          '-p',
          `EnvironmentFile=${path}`,
          'env',
          '-0',
        );
        const found = ran.stdout.split('\0').filter((pair) => pair.startsWith('CASE_'));
        expect(Object.fromEntries(found.map((pair) => [pair.slice(0, 6), pair.slice(7)]))).toEqual(wanted);
      },
    ),
    { numRuns: 40 },
  );
});

test('a transient unit hands its streams and its exit code on, and is ended when its time is over', async () => {
  const { machine, run } = tried;
  const env = { PATH: machine.hookPath };
  const ran = await machine.exec(
    ['systemd-run', '-q', '--wait', '--pipe', '--collect', 'sh', '-c', 'cat; echo err >&2; exit 9'],
    { env, input: 'in' },
  );
  expect(ran).toMatchObject({ code: 9, stdout: 'in', stderr: 'err\n' });
  const late = await run(
    'systemd-run',
    '-q',
    '--wait',
    '--pipe',
    '--collect',
    '-p',
    'RuntimeMaxSec=100ms',
    'sh',
    '-c',
    'sleep 7124 & wait',
  );
  expect(late).toMatchObject({ code: 1 });
  expect(await run('pgrep', '-fc', '^sleep 7124')).toMatchObject({ stdout: '0\n' });
});
