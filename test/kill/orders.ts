/** What is told to hooks that obey: to end at a side effect, or to list them; see preload.ts. */
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Orders {
  /** What the hooks find in KILL_ORDER. */
  readonly place: string;
  /** The next run of a hook that comes to this side effect, by its number or a part of its name, ends there by SIGKILL. */
  killAt(hook: string, at: number | string): Promise<void>;
  /** Whether it did; the order is void from now on. */
  wasKilled(): Promise<boolean>;
  /** Lists the side effects of the next run of a hook. */
  list(hook: string): Promise<() => Promise<string[]>>;
}

/** @param folder on this host; @param seen the same folder as hooks see it */
export function ordersIn(folder: string, seen = folder): Orders {
  const order = join(folder, 'order.json');
  return {
    place: join(seen, 'order.json'),
    killAt: (hook, at) => writeFile(order, JSON.stringify({ hook, at })),
    async wasKilled() {
      const killed = !existsSync(order);
      await rm(order, { force: true });
      return killed;
    },
    async list(hook) {
      await writeFile(order, JSON.stringify({ hook, list: join(seen, 'effects') }));
      return async () => {
        await rm(order);
        return (await readFile(join(folder, 'effects'), 'utf8')).split('\n').slice(0, -1);
      };
    },
  };
}
