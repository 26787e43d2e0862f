/** The port of the application, opened for others. */
import * as z from 'zod/mini';
import type { WsgiApi } from '../api.ts';

const KEY = 'wsgi.opened';

const Ports = z.object({
  /** The port that this charm opened. */
  open: z.optional(z.string()),
  /** Those that it closed for it. Juju takes the closing of a hook that is ended back, whatever is remembered here. */
  closed: z.array(z.string()),
});

/** Opens the port that is served, and closes those that this charm opened before. Ports of others are theirs. */
export function publishPort({ juju, data, interrupted }: WsgiApi, port: number | undefined): void {
  const parsed = Ports.safeParse(data.get(KEY));
  const before = parsed.success ? parsed.data : { closed: [] };
  const open = port === undefined ? undefined : `${port}/tcp`;
  const moved = open !== before.open;
  const replaced = moved && before.open !== undefined ? [before.open] : [];
  // Without a hook that was ended in between, what was closed before is closed for good, and may be another's by now.
  const earlier = moved && !interrupted ? [] : before.closed;
  const closed = [...new Set([...replaced, ...earlier])].filter((one) => one !== open);
  for (const one of interrupted ? closed : replaced) juju.closePort(one);
  if (open !== undefined) juju.openPort(open);
  data.set(KEY, { ...(open === undefined ? {} : { open }), closed });
}
