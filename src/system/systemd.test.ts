import { afterEach, beforeEach, expect, test } from 'vitest';
import { createScriptedMachine, type ScriptedMachine } from './programs.fixture.ts';
import {
  daemonReload,
  disable,
  failureReason,
  isActive,
  listUnits,
  resetFailed,
  restart,
  show,
  start,
  stop,
} from './systemd.ts';

let scripted: ScriptedMachine;
beforeEach(() => {
  scripted = createScriptedMachine();
  scripted.program('systemctl', 'ran "$@"');
  scripted.program('journalctl', 'ran "$@"');
});
afterEach(() => scripted.remove());

test('units are given to systemctl as they are', async () => {
  expect(await daemonReload(scripted.machine)).toEqual({ ok: true });
  expect(await start(scripted.machine, 'a.socket', 'b.service')).toEqual({ ok: true });
  expect(await isActive(scripted.machine, 'b.service')).toBe(true);
  expect(scripted.ran()).toEqual([
    'systemctl daemon-reload',
    'systemctl start -- a.socket b.service',
    'systemctl is-active --quiet -- b.service',
  ]);
});

test('a failure is told in the words of the service, not of systemd', async () => {
  scripted.program(
    'systemctl',
    'echo "Job for x.service failed because the control process exited with error code." >&2; exit 1',
  );
  scripted.program(
    'journalctl',
    `cat <<'END'
Started x.service - A service.
Traceback (most recent call last):
ModuleNotFoundError: No module named 'app'
x.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED
x.service: Failed with result 'exit-code'.
Failed to start x.service - A service.
END`,
  );
  const reason = "ModuleNotFoundError: No module named 'app'";
  expect(await restart(scripted.machine, 'x.service')).toEqual({ ok: false, reason });
  expect(await failureReason(scripted.machine, 'x.service')).toBe(reason);
});

test('where the service says nothing, systemd does', async () => {
  scripted.program('systemctl', 'echo "Job for x.socket failed." >&2; exit 1');
  scripted.program(
    'journalctl',
    `echo "x.socket: Failed to create listening socket (0.0.0.0:80): Address already in use"`,
  );
  expect(await start(scripted.machine, 'x.socket')).toMatchObject({
    ok: false,
    reason: expect.stringContaining('Address already in use'),
  });
  scripted.program('journalctl', 'echo "-- No entries --"');
  expect(await start(scripted.machine, 'x.socket')).toEqual({ ok: false, reason: 'Job for x.socket failed.' });
  scripted.program('systemctl', 'exit 4');
  expect(await start(scripted.machine, 'x.socket')).toEqual({ ok: false, reason: 'systemctl start ended with code 4' });
});

test('what does not exist is stopped, disabled and has not failed', async () => {
  scripted.program('systemctl', 'echo "Failed to $1 x.service: Unit x.service not loaded." >&2; exit 5');
  scripted.program('journalctl', 'echo "what an earlier one said"');
  expect(await stop(scripted.machine, 'x.service')).toEqual({ ok: true });
  expect(await resetFailed(scripted.machine, 'x.service')).toEqual({ ok: true });
  scripted.program('systemctl', 'echo "Failed to disable unit: Unit file x.service does not exist." >&2; exit 1');
  expect(await disable(scripted.machine, 'x.service')).toEqual({ ok: true });
  scripted.program('systemctl', 'echo "Failed to stop x.service: Access denied" >&2; exit 4');
  expect(await stop(scripted.machine, 'x.service')).toMatchObject({ ok: false });
});

test('properties are shown for each unit, those of several lines too', async () => {
  scripted.program(
    'systemctl',
    `printf 'Listen=0.0.0.0:80 (Stream)\\nListen=[::]:80 (Stream)\\nActiveState=active\\n\\nActiveState=inactive\\nExecStart={ argv[]=a=b }\\n'`,
  );
  const shown = await show(scripted.machine, ['a.socket', 'b.service'], ['Listen', 'ActiveState', 'ExecStart']);
  expect(Object.fromEntries(shown)).toEqual({
    'a.socket': { Listen: '0.0.0.0:80 (Stream)\n[::]:80 (Stream)', ActiveState: 'active' },
    'b.service': { ActiveState: 'inactive', ExecStart: '{ argv[]=a=b }' },
  });
  expect(await show(scripted.machine, [], ['Listen'])).toEqual(new Map());
});

test('units are listed by their names', async () => {
  scripted.program(
    'systemctl',
    `printf '  a-80.socket loaded active listening x y\\na-81.socket loaded failed failed z\\n\\n'`,
  );
  expect(await listUnits(scripted.machine, 'a-*.socket')).toEqual(['a-80.socket', 'a-81.socket']);
});
