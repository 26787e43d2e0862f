/** Juju secrets in which the other side keeps what databags may not hold. */
import type { Databag } from '../juju/types.ts';
import type { ReadSecret } from './types.ts';

export type Opened = { readonly content: Databag } | { readonly whyNot: string };

/** The mend on Juju 2.9. Most charms give the value itself to an application that relates without secrets. */
const RELATE_AGAIN = 'remove the relation and relate again';

/**
 * Reads a secret that a databag names.
 *
 * @param what is in it, for the reason: `the credentials`
 * @param them how reasons call the other side
 * @param withoutSecrets what to do where Juju has none, short of an upgrade
 */
export function openSecret(
  uri: string,
  what: string,
  them: string,
  readSecret: ReadSecret | undefined,
  withoutSecrets: string = RELATE_AGAIN,
): Opened {
  if (readSecret === undefined) {
    return {
      whyNot:
        `${them} keeps ${what} in a Juju secret, which this Juju cannot read: ` +
        `${withoutSecrets}, or upgrade the controller to Juju 3`,
    };
  }
  // Charms write the ID alone, too.
  const full = uri.includes(':') ? uri : `secret:${uri}`;
  if (!/^secret:[\w/.:-]{1,200}$/.test(full)) return { whyNot: `${them} names no secret where it keeps ${what}` };
  const { content, whyNot } = readSecret(full);
  if (content !== undefined) return { content };
  return { whyNot: `the secret in which ${them} keeps ${what} cannot be read${whyNot ? `: ${whyNot}` : ' yet'}` };
}
