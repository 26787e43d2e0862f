/**
 * `npm start`: builds the charm, deploys it into a local model by the hook processes that Juju would run, shows the
 * status and the page. On a terminal it stays and shows the log until Ctrl-C, and other commands can be tried on the
 * model meanwhile; elsewhere it stops all that it started and ends.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Listr } from 'listr2';
import { makeDirectory, readCharm } from '../packages/charm-build/make.ts';
import { PROJECT } from '../packages/charm-build/package.ts';
import { ownArchitecture } from '../packages/charm-build/runtime.ts';
import { LocalModel } from '../packages/local-juju/local-model.ts';
import { modelDir } from '../packages/local-juju/model-dir.ts';

const CHARM = join(PROJECT, 'dist/charm');
const APPLICATION = 'wsgi';
const PORT = 8080;
const stays = process.stdout.isTTY === true;
/** The model that `wsgi-charm local` takes when it is told of none; off a terminal nobody else looks at it. */
const folder = stays ? modelDir('local') : undefined;

if (folder !== undefined && LocalModel.exists(folder)) {
  console.error('There is a local model already. Look at it with `npx wsgi-charm local status`, or end it with');
  console.error('`npx wsgi-charm local destroy` and begin anew.');
  process.exit(1);
}

/** Ctrl-C, or the terminal is closed. */
const ended = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => ended.abort());
const model = await LocalModel.create({ signal: ended.signal, dir: folder });

try {
  const page = await deploy();
  console.log();
  local('status');
  console.log(`\n$ curl ${page.url}\n${page.text}`);
  if (stays) await stay();
} catch (error) {
  if (!ended.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  console.log('Stopping what was started ...');
  await model.destroy();
}

interface Page {
  readonly url: string;
  readonly text: string;
}

async function deploy(): Promise<Page> {
  let page: Page | undefined;
  const tasks = new Listr(
    [
      {
        title: 'Building the charm',
        task: async () => {
          const parts = await readCharm(PROJECT);
          await makeDirectory(parts, CHARM, { architecture: ownArchitecture(), runtime: 'bundled' });
        },
      },
      {
        title: `Deploying it: juju deploy ./dist/charm --config port=${PORT}`,
        task: (_, task) =>
          whileShowing(
            () => model.deploy(CHARM, { application: APPLICATION, config: { port: String(PORT) } }),
            (line) => {
              task.output = line;
            },
          ),
      },
      {
        title: 'Asking for the page',
        task: async () => {
          page = await ask();
        },
      },
    ],
    { fallbackRendererCondition: () => !stays, rendererOptions: { showErrorMessage: false } },
  );
  await tasks.run();
  if (page === undefined) throw new Error('no page was asked for');
  return page;
}

/** Shows the model's last log line as long as something goes on. */
async function whileShowing<T>(work: () => Promise<T>, show: (line: string) => void): Promise<T> {
  const ticker = setInterval(() => {
    const last = model.log().at(-1);
    if (stays && last !== undefined) show(`${last.entity}: ${last.message}`);
  }, 250);
  try {
    return await work();
  } finally {
    clearInterval(ticker);
  }
}

/** @throws Error with the end of the log when the unit does not serve */
async function ask(): Promise<Page> {
  const { applications } = await model.status();
  const { current, message = '' } = applications[APPLICATION]?.['application-status'] ?? { current: 'unknown' };
  if (current !== 'active') {
    const log = model.log({ level: 'INFO' }).slice(-20);
    throw new Error([`${APPLICATION} is ${current}: ${message}`, ...log.map((line) => line.message)].join('\n'));
  }
  const { host, port } = await model.unit(`${APPLICATION}/0`).endpoint(PORT);
  const url = `http://${host}:${port}/`;
  return { url, text: await (await fetch(url, { signal: AbortSignal.timeout(10_000) })).text() };
}

function local(...args: string[]): void {
  spawnSync(process.execPath, [join(PROJECT, 'src/cli.ts'), 'local', ...args, '--model', model.dir], {
    stdio: 'inherit',
  });
}

/** Shows the log, from a process group of its own: Ctrl-C is for us, who have more to stop. */
async function stay(): Promise<void> {
  console.log('Try more from a second terminal, for example:');
  console.log(`  npx wsgi-charm local config ${APPLICATION} current_symlink=r1 build_label=r2`);
  console.log('  npx wsgi-charm local status');
  console.log('Ctrl-C ends it all. The log:\n');
  const follow = [join(PROJECT, 'src/cli.ts'), 'local', 'debug-log', '--follow'];
  const log = spawn(process.execPath, follow, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const exit = once(log, 'exit');
  ended.signal.addEventListener('abort', () => log.kill('SIGKILL'), { once: true });
  await exit;
}
