/** The kinds of machine that a model can have. */

import type { LocalMachine } from './machine.ts';
import { LocalError } from './model/local-error.ts';
import type { MachinePlace } from './uniter/session.ts';

export const MACHINE_KINDS = ['sandbox', 'nspawn'] as const;
export type MachineKind = (typeof MACHINE_KINDS)[number];

/** Loaded only where it is wanted: nspawn asks for root and for programs that few have. */
export async function openMachineOf({ id, kind, dir, address }: MachinePlace): Promise<LocalMachine> {
  switch (kind) {
    case 'sandbox': {
      const { Sandbox } = await import('./sandbox/sandbox.ts');
      return Sandbox.open(dir, address === '' ? { id } : { id, address });
    }
    case 'nspawn': {
      const { NspawnMachine } = await import('./nspawn/machine.ts');
      return NspawnMachine.open(dir, { id });
    }
    default:
      throw new LocalError(`unknown kind of machine ${JSON.stringify(kind)}, try "sandbox" or "nspawn"`);
  }
}
