import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { NspawnMachine } from '../../packages/local-juju/nspawn/machine.ts';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';
import { NOT_ROOT, SUITES } from '../setup/real-machines.ts';

const SCENARIOS = join(import.meta.dirname, '../../packages/local-juju/systemd-stand-in/scenarios');

/** Words that the scenarios share; ROOT is empty on a real machine. */
const PRELUDE = `
U=$ROOT/etc/systemd/system
cd /
unit() { mkdir -p "$(dirname "$U/$1")"; cat > "$U/$1"; }
S() { systemctl "$@"; echo "[$?] $*"; }
states() { for u in "$@"; do systemctl show $u -p ActiveState,SubState,Result,LoadState | tr '\\n' ' '; echo $u; done; }
waitfor() { for i in $(seq 100); do [ "$(systemctl show $1 -p $2 --value)" = "$3" ] && return; sleep 0.05; done; echo timeout $*; }
`;

describe.skipIf(NOT_ROOT).each(SUITES)('the sandbox answers as the systemd of %s does', async (suite) => {
  let folder: string;
  let real: NspawnMachine;
  let sandbox: Sandbox;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    sandbox = await Sandbox.open(join(folder, 'machine'), { systemd: suite === 'trixie' ? 257 : 252 });
    await sandbox.start();
    real = await NspawnMachine.create({ suite });
  });
  afterAll(async () => {
    await real.destroy();
    await sandbox.destroy();
    await rm(folder, { recursive: true });
  });

  /** What a script says on a machine, without what must differ: the root before paths, ids, the address. */
  async function said(machine: LocalMachine, script: string): Promise<string> {
    const root = machine.seenPath('/').replace(/\/$/, '');
    const env = { PATH: machine.hookPath, ROOT: root, LC_ALL: 'C.UTF-8' };
    const ran = await machine.exec(['bash', '-c', PRELUDE + script], { env });
    return `${ran.stdout}--- stderr\n${ran.stderr}--- exit ${ran.code}\n`
      .replaceAll(sandbox.rootOnHost, '')
      .replaceAll(sandbox.address, '0.0.0.0')
      .replaceAll(/\b[0-9a-f]{32}\b/g, 'ID');
  }

  for (const file of (await readdir(SCENARIOS)).sort()) {
    test(file.replace(/\.sh$/, ''), async () => {
      const script = await readFile(join(SCENARIOS, file), 'utf8');
      const [wanted, found] = await Promise.all([said(real, script), said(sandbox, script)]);
      expect(found).toBe(wanted);
    });
  }
});
