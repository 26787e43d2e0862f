/** What goes wrong on a real machine: kills, disks, locks; and what must not be told when it does. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { type Orders, ordersIn } from '../kill/orders.ts';
import { compare, settled } from '../kill/settled.ts';
import { MARK, SECRETS, secretsIn } from '../secrets/marked.ts';
import { watchCommandLines } from '../setup/command-lines.ts';
import { wholePreloadedCharm } from '../setup/preloaded-charm.ts';
import { NOT_ROOT, outputOf, realModel, SUITES } from '../setup/real-machines.ts';
import { answering, archiveOf, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const PRELOAD = join(import.meta.dirname, '../kill/preload.ts');
const ORDERS = '/var/tmp/orders';
const CHARM = '/var/lib/juju/agents/unit-wsgi-0/charm';

describe.skipIf(NOT_ROOT).each(SUITES)('what goes wrong on a real machine, %s', (suite) => {
  let model: LocalModel;
  let machine: LocalMachine;
  let orders: Orders;

  beforeAll(async () => {
    model = await realModel({ suite });
    const base = await mkdtemp(join(tmpdir(), 'layer-wsgi-faults-'));
    const charm = await wholePreloadedCharm(base, PRELOAD, ['KILL_ORDER', `${ORDERS}/order.json`]);
    const config = { port: '8080', apt_lock_timeout: '1', ...QUICK };
    await model.deploy(charm, { application: 'wsgi', config });
    await rm(base, { recursive: true });
    machine = await model.machine('0');
    const folder = join(machine.rootOnHost, ORDERS);
    await mkdir(folder);
    orders = ordersIn(folder, ORDERS);
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
  });
  afterAll(() => model.destroy());

  const mainProcess = () => outputOf(machine, 'systemctl show -p MainPID --value gunicorn3.service');
  const failedHooks = () => model.log({}).filter(({ message }) => /hook failed|awaiting error/.test(message));

  test('a hook that is killed at a side effect: the next ones end where undisturbed ones do', async () => {
    const move = (port: string) => model.config('wsgi', { port });
    const list = await orders.list('config-changed');
    await move('8081');
    const effects = await list();
    const undisturbed: Record<string, Record<string, string>> = { 8081: await settled(model) };
    await move('8080');
    undisturbed[8080] = await settled(model);
    for (const [index, port] of ['8081', '8080'].entries()) {
      const at = Math.floor(((index + 0.5) * effects.length) / 2);
      await orders.killAt('config-changed', at);
      await move(port);
      expect(await orders.wasKilled()).toBe(true);
      await model.resolved('wsgi/0', { retry: index % 2 === 0 });
      expect(compare(undisturbed[port] ?? {}, await settled(model)), `at ${at}, ${effects[at]}`).toEqual([]);
    }
  });

  test.each([
    ['/srv', async () => model.attachResource('wsgi', 'build', await archiveOf(BUILD))],
    ['/etc/gunicorn3', () => model.config('wsgi', { environment_variables: 'A=2' })],
    ['/opt/gunicorn3', async () => model.attachResource('wsgi', 'build', await archiveOf(WITH_REQUIREMENTS))],
  ] as const)('a full %s is named, the old version serves on, and the next hook goes ahead', async (folder, change) => {
    const [before, pid, failed] = [await page(model), await mainProcess(), failedHooks()];
    await fullDisk(folder);
    await change();
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: expect.stringMatching(/no space left|free on the disk/i),
    });
    expect([await page(model), await mainProcess(), failedHooks()]).toEqual([before, pid, failed]);
    await outputOf(machine, `rm ${folder}/.fill; mount -o remount,size=100m ${folder}`);
    await model.advance('5m');
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    expect(await mainProcess()).not.toBe(pid);
    await ownDiskNoMore(folder);
  });

  test('a store that cannot be written fails no hook, and is made up for', async () => {
    const failed = failedHooks();
    await outputOf(machine, `mount --bind ${CHARM} ${CHARM} && mount -o remount,ro,bind ${CHARM}`);
    expect(await outputOf(machine, `touch ${CHARM}/.x 2>&1; true`)).toMatch(/Read-only/);
    await model.config('wsgi', { environment_variables: 'B=1' });
    const pid = await mainProcess();
    expect(await outputOf(machine, `tr '\\0' '\\n' </proc/${pid}/environ | grep ^B=`)).toBe('B=1');
    await outputOf(machine, `umount ${CHARM}`);
    await model.advance('5m');
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    expect([await mainProcess(), failedHooks()]).toEqual([pid, failed]);
  });

  test('while another program holds the lock of dpkg the unit waits and serves on', async () => {
    const hold =
      'import fcntl, time; f = open("/var/lib/dpkg/lock-frontend", "w"); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(9999)';
    await outputOf(machine, `systemd-run --quiet --unit=holds-lock python3 -c '${hold}'`);
    const pid = await mainProcess();
    await model.config('wsgi', { apt_dependencies: 'there-is-none' });
    expect(await statusOf(model)).toEqual({
      current: 'waiting',
      message: expect.stringMatching(/^apt: another program is installing packages/),
    });
    await outputOf(machine, 'systemctl stop holds-lock.service');
    await model.advance('5m');
    expect(await statusOf(model)).toMatchObject({ message: expect.stringMatching(/there-is-none|index/) });
    await model.config('wsgi', { apt_dependencies: '' });
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    expect(await mainProcess()).toBe(pid);
  });

  test('a secret is in no journal, log, unit, command line, nor in any file that nobody may read', async () => {
    const before = '/var/tmp/before';
    await outputOf(machine, `touch ${before}`);
    const watch = watchCommandLines();
    const url = `http://user:${SECRETS.cache}@10.0.0.7/`;
    const environment_variables = `TOKEN='${SECRETS.environment}' CACHE_URL='${url}'`;
    await model.config('wsgi', { environment_variables, provision_command: 'env; env >&2' });
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    await model.config('wsgi', { provision_command: 'env; echo "with $TOKEN" >&2; false' });
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: 'provision_command: exit code 1: with ******',
    });
    // As everybody can: the permissions of files and folders decide, not what a test takes them to be.
    const nobody = 'setpriv --reuid=nobody --clear-groups';
    const search = `find / /run /tmp /dev -xdev -type f -newer ${before} -exec grep -sl -e ${MARK} {} + 2>/dev/null; true`;
    expect(await outputOf(machine, `${nobody} sh -c '${search}'`)).toBe('');
    expect(await outputOf(machine, search)).toMatch(/\/etc\/gunicorn3\/environment-/);
    const told = await outputOf(
      machine,
      "systemctl show 'gunicorn3*'; systemctl cat 'gunicorn3*'; journalctl --no-pager; cat /var/log/syslog",
    );
    expect(told).toMatch(/gunicorn3-provision/);
    expect(
      secretsIn({
        told,
        'command lines': await watch.stop(),
        'debug log': JSON.stringify(model.log({})),
        status: JSON.stringify(model.state().units),
      }),
    ).toEqual([]);
  });

  /** The folder, with all that is in it, as a disk of its own with no room left. */
  async function fullDisk(folder: string): Promise<void> {
    await outputOf(
      machine,
      `mkdir -p /run/own
      mount -t tmpfs -o size=$(($(du -sk ${folder} | cut -f1) + 1000))k,mode=755 own /run/own
      cp -a ${folder}/. /run/own/
      mount --bind /run/own ${folder} && umount -l /run/own
      cat /dev/zero 2>&1 >${folder}/.fill | grep 'No space left'`,
    );
  }

  async function ownDiskNoMore(folder: string): Promise<void> {
    await outputOf(
      machine,
      `mkdir -p /run/after && cp -a ${folder}/. /run/after/ && umount -l ${folder}
      cp -a /run/after/. ${folder}/ && rm -r /run/after`,
    );
  }
});

const BUILD = { 'wsgi.py': answering("'full'"), 'data.txt': 'x'.repeat(100_000), BUILD_LABEL: 'full' };
/** Another virtual environment, with nothing more in it. */
const WITH_REQUIREMENTS = { 'wsgi.py': answering("'more'"), 'requirements.txt': '# none\n', BUILD_LABEL: 'more' };
