import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalModel } from '../../packages/local-juju/local-model.ts';

/** A charm of the usual kind, in Python with the ops framework: nothing of it knows this project. */
const CHARM = `
import ops

class Greeter(ops.CharmBase):
    def __init__(self, framework):
        super().__init__(framework)
        framework.observe(self.on.config_changed, self._converge)
        framework.observe(self.on.leader_elected, self._secret)
        framework.observe(self.on.peers_relation_changed, self._converge)
        framework.observe(self.on.greet_action, self._greet)

    def _secret(self, event):
        secret = self.app.add_secret({"token": "one"}, label="token")
        self.model.get_relation("peers").data[self.app]["secret"] = secret.id

    def _converge(self, event):
        self.unit.set_ports(self.config["port"])
        peers = self.model.get_relation("peers")
        if peers:
            peers.data[self.unit]["port"] = str(self.config["port"])
            others = sorted(unit.name for unit in peers.units)
            self.unit.set_workload_version("1.0")
            self.unit.status = ops.ActiveStatus(f"port {self.config['port']}, with {others}")

    def _greet(self, event):
        name = event.params["name"]
        if not name:
            event.fail("nobody to greet")
            return
        token = self.model.get_secret(label="token").get_content()["token"]
        event.log("greeting")
        event.set_results({"greeting": f"hello {name}", "token": token})

if __name__ == "__main__":
    ops.main(Greeter)
`;

const FILES: Readonly<Record<string, string>> = {
  'metadata.yaml': 'name: greeter\nsummary: greets\ndescription: greets\npeers:\n  peers: {interface: greeters}\n',
  'config.yaml': 'options:\n  port: {type: int, default: 8000, description: where}\n',
  'actions.yaml': 'greet:\n  description: greets\n  params:\n    name: {type: string, default: ""}\n',
  'src/charm.py': CHARM,
  dispatch: '#!/bin/sh\nPYTHONPATH="$JUJU_CHARM_DIR/venv" exec python3 "$JUJU_CHARM_DIR/src/charm.py"\n',
};

const dir = mkdtempSync(join(tmpdir(), 'ops-charm-'));
let model: LocalModel;

beforeAll(async () => {
  const charm = join(dir, 'greeter');
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(charm, path, '..'), { recursive: true });
    writeFileSync(join(charm, path), text, { mode: path === 'dispatch' ? 0o755 : 0o644 });
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--target', join(charm, 'venv'), 'ops'];
  const { status, stderr } = spawnSync('python3', pip, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  model = await LocalModel.create({ dir: join(dir, 'model'), machine: 'sandbox' });
  await model.deploy(charm, { units: 2 });
});

afterAll(async () => {
  await model?.destroy();
  rmSync(dir, { recursive: true, force: true });
});

async function statusOf(unit: string): Promise<string> {
  const { applications } = await model.status();
  const { current, message } = applications.greeter?.units?.[unit]?.['workload-status'] ?? { current: 'none' };
  return `${current}: ${message}`;
}

test('two units come up, see each other and open their port', async () => {
  expect(await statusOf('greeter/0')).toBe("active: port 8000, with ['greeter/1']");
  expect(await statusOf('greeter/1')).toBe("active: port 8000, with ['greeter/0']");
  const { applications } = await model.status();
  expect(applications.greeter?.version).toBe('1.0');
  expect(applications.greeter?.units?.['greeter/0']?.['open-ports']).toEqual(['8000/tcp']);
});

test('a changed option moves the port of every unit', async () => {
  await model.config('greeter', { port: '8001' });
  expect(await statusOf('greeter/1')).toBe("active: port 8001, with ['greeter/0']");
  expect(model.state().units['greeter/1']?.ports.map(({ from }) => from)).toEqual([8001]);
});

test('an action gives results, and fails with a sentence', async () => {
  const greeted = await model.unit('greeter/0').run('greet', { name: 'you' });
  expect(greeted.results).toMatchObject({ greeting: 'hello you', token: 'one', 'return-code': 0 });
  const failed = await model.unit('greeter/0').run('greet');
  expect([failed.status, failed.message]).toEqual(['failed', 'nobody to greet']);
});
