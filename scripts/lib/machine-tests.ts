import { prepareHost } from '../../packages/local-juju/nspawn/host.ts';

export interface MachineTests {
  readonly run: boolean;
  /** Why not, and how to get them; empty when they run. */
  readonly why: string;
}

/** Says whether the tests on real machines can run here; as root, sees to the tools that boot these. */
export async function machineTests(mode: string): Promise<MachineTests> {
  if (mode === 'skip') return { run: false, why: 'asked for by --machine=skip.' };
  if (process.getuid?.() !== 0) {
    return { run: false, why: 'they boot a Debian of their own, which needs root. Run `sudo npm test`.' };
  }
  try {
    await prepareHost(console.log);
    return { run: true, why: '' };
  } catch (error) {
    return { run: false, why: error instanceof Error ? error.message : String(error) };
  }
}
