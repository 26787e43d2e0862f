import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { handler, when, whenNot } from './conditions.ts';
import { runHook } from './hook-context.fixture.ts';
import { FileStore } from './store.ts';
import type { Handler, HandlerApi } from './types.ts';

const cli = join(import.meta.dirname, 'cli-main.ts');

let charm: string;
let log: string;
beforeEach(() => {
  charm = mkdtempSync(join(tmpdir(), 'charm-'));
  log = join(charm, 'log');
  writeFileSync(log, '');
});
afterEach(() => rmSync(charm, { recursive: true }));

function program(path: string, text: string | Buffer, mode = 0o755): void {
  mkdirSync(dirname(join(charm, path)), { recursive: true });
  writeFileSync(join(charm, path), text);
  chmodSync(join(charm, path), mode);
}

/** Runs a hook with the programs of the charm; says what they wrote to $LOG. */
async function runCharm(handlers: Handler<HandlerApi>[] = [], hook = 'update-status'): Promise<string[]> {
  writeFileSync(log, '');
  const store = new FileStore(join(charm, 'state.json'));
  const env = { ...process.env, LOG: log, CHARM_DIR: charm, JUJU_HOOK_NAME: hook };
  const external = { charmDir: charm, store, command: [process.execPath, cli] as const, env };
  await runHook(handlers, { store, external, world: { event: { name: hook } } });
  return readFileSync(log, 'utf8').split('\n').slice(0, -1);
}

const flags = () => [...new FileStore(join(charm, 'state.json')).flags.keys()].sort();

describe('external handlers', () => {
  test('are tested, and invoked with the line that they printed', async () => {
    program(
      'reactive/worker',
      `#!/bin/sh
case $1 in
--test) charms.reactive is_flag_set done && exit 1; echo 'one, two';;
--invoke) echo "invoked with <$2>" >> "$LOG"; charms.reactive set_flag done;;
esac
`,
    );
    expect(await runCharm()).toEqual(['invoked with <one, two>']);
    expect(flags()).toEqual(['done']);
  });

  test('see flags of the handlers before them, and their own changes count for those after', async () => {
    program(
      'reactive/worker',
      `#!/bin/sh
case $1 in
--test) charms.reactive all_flags_set input && ! charms.reactive any_flags_set output;;
--invoke) charms.reactive set_flag output --value 42; charms.reactive clear_flag input
esac
`,
    );
    const ran: unknown[] = [];
    await runCharm([
      handler('input', [whenNot('input', 'output')], (api) => void api.flags.set('input')),
      handler('output', [when('output'), whenNot('input')], (api) => void ran.push(api.flags.value('output'))),
    ]);
    expect(ran).toEqual(['42']);
  });

  test('that clear a flag have the waiting handlers tested again', async () => {
    const clearing = `#!/bin/sh
if [ $1 = --test ]; then charms.reactive is_flag_set job; else echo $0 >> "$LOG"; charms.reactive clear_flag job; fi
`;
    program('reactive/a', clearing);
    program('reactive/b.sh', clearing);
    const give = handler('give', [whenNot('given')], (api) => {
      api.flags.set('given');
      api.flags.set('job');
    });
    expect(await runCharm([give])).toEqual([join(charm, 'reactive/a')]);
  });

  test('are found in three folders and below, scripts and binaries, and nothing else is', async () => {
    const noting = (name: string) => `#!/bin/sh\necho ${name} >> "$LOG"; exit 1\n`;
    program('reactive/deep/er/one', noting('one'));
    program('hooks/reactive/two.sh', noting('two'));
    program('hooks/relations/http/three', noting('three'));
    copyFileSync('/bin/false', join(charm, 'reactive/binary'));
    program('reactive/plain', noting('not executable'), 0o644);
    program('reactive/four.py', noting('other suffix'));
    program('reactive/text', 'no interpreter named');
    program('reactive/__pycache__/five', noting('cache'));
    program('elsewhere/six', noting('elsewhere'));
    expect(new Set(await runCharm())).toEqual(new Set(['one', 'two', 'three']));
  });

  test('that fail when invoked fail the hook, and name themselves', async () => {
    program('reactive/bad', '#!/bin/sh\n[ $1 = --test ] || exit 3\n');
    await expect(runCharm()).rejects.toThrow('reactive/bad --invoke "" ended with code 3');
  });

  test('that are no program fail the hook, and are named', async () => {
    program('reactive/broken', Buffer.from([0xff, 0xfe, 0x00, 0x01]));
    await expect(runCharm()).rejects.toThrow(/reactive\/broken is executable but cannot be run/);
  });

  test('run again and again while they ask for it, a hundred times at most', async () => {
    program('reactive/keen', '#!/bin/sh\n[ $1 = --test ] || echo again >> "$LOG"\n');
    expect(await runCharm()).toHaveLength(101);
  });

  test('register triggers that hold for the rest of the hook', async () => {
    program(
      'reactive/worker',
      `#!/bin/sh
[ $1 = --test ] && charms.reactive register_trigger --when a --set_flag b
exit 1
`,
    );
    const set = handler('set', [whenNot('a')], (api) => void api.flags.set('a'));
    await runCharm([set]);
    expect(flags()).toEqual(['a', 'b']);
  });

  test('leave nothing of theirs in the store or beside it', async () => {
    program('reactive/worker', '#!/bin/sh\nexit 1\n');
    await runCharm();
    expect(readdirSync(charm).filter((name) => name.startsWith('state'))).toEqual(['state.json']);
    expect([...new FileStore(join(charm, 'state.json')).data.keys()]).toEqual([]);
  });
});

test('handlers written in Bash are decorated functions', async () => {
  program(
    'reactive/handlers.sh',
    `#!/bin/bash
set -eu
source charms.reactive.sh

@when 'app ready' installed
@when_not 'broken'
function serve() {
  echo serve >> "$LOG"
  set_flag served
}

# What comes first in the file runs first.
@hook 'db-relation-{joined,changed}'
join() {
  echo join >> "$LOG"
}

@only_once
once() { echo once >> "$LOG"; }

@when_not installed
install() {
  echo install >> "$LOG"
  set_flag installed
  set_flag 'app ready'
}

reactive_handler_main
`,
  );
  expect(await runCharm([], 'db-relation-joined')).toEqual(['join', 'once', 'install', 'serve']);
  expect(await runCharm([])).toEqual(['serve']);
  expect(flags()).toEqual(['app ready', 'installed', 'served']);
});
