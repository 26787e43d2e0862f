import { describe, expect, test } from 'vitest';
import { runHookTool, toolNames } from './hook-tool.ts';
import { type Effect, emptyPending, type RelationView, type ToolContext, type World } from './world.ts';

const bags: Record<string, Record<string, string>> = {
  'bob/5': { 'a.b': '1', '9': 'nine', nl: 'one\ntwo', $dollar: 'x', UPPER: 'X' },
  'ann/0': {},
  bob: {},
  ann: {},
};

const serve: RelationView = {
  id: 'serve:16',
  endpoint: 'serve',
  remoteApp: 'bob',
  peer: false,
  key: ['bob:use', 'ann:serve'],
  units: ['bob/5'],
  bag: (entity) => bags[entity],
};

const world: World = {
  jujuVersion: '4.0.14.1',
  modelUuid: '7d2c1a52-8a5b-4d2c-8c7f-1f2e3d4c5b6a',
  unit: 'ann/0',
  application: 'ann',
  leader: true,
  options: {
    s: { type: 'string', value: 'from a file\nwith newline\n' },
    i: { type: 'int', value: 99 },
    f: { type: 'float', value: 2 },
    b: { type: 'boolean', value: false },
    nodef: { type: 'string', value: null },
  },
  endpoints: ['serve', 'ring', 'juju-info'],
  relations: [serve],
  network: {
    address: '10.0.0.5',
    hostname: '',
    cidr: '10.0.0.0/24',
    macAddress: '00:16:3e:00:00:05',
    interfaceName: 'eth0',
  },
  ports: [{ endpoint: '', protocol: 'tcp', from: 9000, to: 9010 }],
  machinePorts: [{ unit: 'keep/0', endpoint: '', protocol: 'tcp', from: 8080, to: 8080 }],
  status: { status: 'unknown', message: '' },
  applicationStatus: { status: 'active', message: 'app-ok' },
  unitStatuses: { 'ann/0': { status: 'active', message: '' }, 'ann/1': { status: 'unknown', message: '' } },
  state: {},
  leaderSettings: {},
  secrets: [],
  goalState: { units: { 'ann/0': { status: 'active', since: '2000-01-01 09:41:26Z' } }, relations: {} },
  now: new Date('2000-01-01T10:00:00Z'),
  resource: (name) => (name === 'blob' ? '/resources/blob.bin' : new Error(`resource "${name}" not found`)),
};

function context(overrides: Partial<ToolContext> = {}): ToolContext & { readonly effects: Effect[] } {
  const effects: Effect[] = [];
  return {
    pending: emptyPending(),
    effect: (effect) => effects.push(effect),
    newSecretId: () => ID,
    effects,
    ...overrides,
  };
}

const ID = 'd0000000000000000000';

/** What a shell would show: stdout and stderr, then the exit code where it is not 0. */
function shell(line: string, ctx: ToolContext = context(), seen: World = world, stdin = ''): string {
  const [tool = '', ...argv] = line.split(' ');
  const { code, stdout, stderr } = runHookTool(seen, ctx, { tool, argv, stdin });
  return `${stdout}${stderr}${code === 0 ? '' : `rc=${code}`}`;
}

describe('config-get', () => {
  test('prints values as Juju does', () => {
    expect(shell('config-get s')).toBe('from a file\nwith newline\n\n');
    expect(shell('config-get b')).toBe('False\n');
    expect(shell('config-get f')).toBe('2\n');
    expect(shell('config-get --format=yaml')).toBe('b: false\nf: 2\ni: 99\ns: |\n  from a file\n  with newline\n');
    expect(shell('config-get --format=json')).toBe('{"b":false,"f":2,"i":99,"s":"from a file\\nwith newline\\n"}\n');
  });
  test('an unset or unknown option is nothing, null in JSON', () => {
    expect(shell('config-get nosuch')).toBe('');
    expect(shell('config-get nodef --format=json')).toBe('null\n');
    expect(shell('config-get --all --format json')).toContain('"nodef":null');
  });
  test('an empty text is nothing too, but not in JSON', () => {
    const emptied: World = { ...world, options: { s: { type: 'string', value: '' } } };
    expect(shell('config-get s', context(), emptied)).toBe('');
    expect(shell('config-get s --format=json', context(), emptied)).toBe('""\n');
  });
  test('refuses what it does not know', () => {
    expect(shell('config-get --nosuch')).toBe('ERROR option provided but not defined: --nosuch\nrc=2');
    expect(shell('config-get --format')).toBe('ERROR option needs an argument: --format\nrc=2');
    expect(shell('config-get --format=xml')).toBe(
      'ERROR invalid value "xml" for option --format: unknown format "xml"\nrc=2',
    );
    expect(shell('config-get i more')).toBe('ERROR unrecognized args: ["more"]\nrc=2');
  });
});

describe('relations', () => {
  test('a databag is printed in YAML, sorted and quoted as Juju does', () => {
    expect(shell('relation-get -r serve:16 - bob/5')).toBe(
      '$dollar: x\n"9": nine\nUPPER: X\na.b: "1"\nnl: |-\n  one\n  two\n',
    );
  });
  test('says what is wrong with an id, a unit, an application', () => {
    expect(shell('relation-get')).toBe('ERROR no relation id specified\nrc=2');
    expect(shell('relation-list -r serve:99')).toBe(
      'ERROR invalid value "serve:99" for option -r: relation not found\nrc=2',
    );
    expect(shell('relation-set -r nosuch a=1')).toBe(
      'ERROR invalid value "nosuch" for option -r: invalid relation id\nrc=2',
    );
    expect(shell('relation-get -r serve:16 - nosuch/0')).toBe('ERROR relation unit not found\nrc=1');
    expect(shell('relation-get -r serve:16 - bob')).toBe('ERROR expected unit name, got application name "bob"\nrc=2');
  });
  test('a hook reads its own pending writes; an empty value takes a key away', () => {
    const ctx = context();
    expect(shell('relation-set -r 16 a=b=c gone=1', ctx)).toBe('');
    expect(shell('relation-set -r 16 gone=', ctx)).toBe('');
    expect(shell('relation-get -r 16 - ann/0', ctx)).toBe('a: b=c\n');
    expect(shell('relation-set -r 16 =x', ctx)).toBe('ERROR expected "key=value", got "=x"\nrc=2');
  });
  test('a file gives scalars as strings, and no lists', () => {
    const ctx = context();
    expect(shell('relation-set -r 16 --file -', ctx, world, 'n: 5\nb: true\n')).toBe('');
    expect(shell('relation-get -r 16 --format=json - ann/0', ctx)).toBe('{"b":"true","n":"5"}\n');
    expect(shell('relation-set -r 16 --file -', ctx, world, 'k: v\nl: [1,2]\n')).toBe(
      'ERROR yaml: unmarshal errors:\n  line 2: cannot unmarshal !!seq into string\nrc=1',
    );
  });
  test('only the leader writes for the application', () => {
    expect(shell('relation-set -r 16 --app a=1', context(), { ...world, leader: false })).toBe(
      'ERROR cannot write relation settings\nrc=1',
    );
  });
  test('in broken the remote application is the default', () => {
    const ctx = context({ relation: { id: 'serve:16', remoteApp: 'bob' } });
    expect(shell('relation-get --format=json', ctx)).toBe('{}\n');
    expect(shell('relation-ids', ctx)).toBe('serve:16\n');
  });
});

describe('ports', () => {
  test('conflicts are refused at once, the same range again is not', () => {
    const ctx = context();
    expect(shell('open-port 8080/tcp', ctx)).toBe(
      'ERROR cannot open 8080/tcp (unit "ann/0"): port range conflicts with 8080/tcp (unit "keep/0")\nrc=1',
    );
    expect(shell('open-port 9005-9015/tcp', ctx)).toBe(
      'ERROR cannot open 9005-9015/tcp (unit "ann/0"): port range conflicts with 9000-9010/tcp (unit "ann/0")\nrc=1',
    );
    expect(shell('open-port 9000-9010', ctx)).toBe('');
    expect(shell('open-port 7000-7010', ctx)).toBe('');
    expect(shell('open-port 7005', ctx)).toContain('(unit "ann/0") requested earlier\nrc=1');
    expect(shell('close-port 9005/tcp', ctx)).toContain('cannot close 9005/tcp');
  });
  test('pending ones are listed, by protocol and number', () => {
    const ctx = context();
    for (const port of ['80', 'icmp', '9005/udp']) shell(`open-port ${port}`, ctx);
    shell('close-port 9000-9010/tcp', ctx);
    shell('open-port 7005 --endpoints serve,ring', ctx);
    expect(shell('opened-ports', ctx)).toBe('icmp\n80/tcp\n7005/tcp\n9005/udp\n');
    expect(shell('opened-ports --endpoints', ctx)).toBe('icmp (*)\n80/tcp (*)\n7005/tcp (ring, serve)\n9005/udp (*)\n');
  });
  test.each([
    ['70000', 'port range bounds must be between 0 and 65535, got 70000-70000'],
    ['80/foo', 'invalid protocol "foo", expected "tcp", "udp", or "icmp"'],
    ['90-80', 'invalid port range 90-80/tcp'],
    ['x', 'invalid port "x": strconv.Atoi: parsing "x": invalid syntax'],
  ])('open-port %s is refused', (port, why) => {
    expect(shell(`open-port ${port}`)).toBe(`ERROR ${why}\nrc=2`);
  });
});

describe('status', () => {
  test('status-get answers what it read first', () => {
    const ctx = context();
    expect(shell('status-get', ctx)).toBe('unknown\n');
    expect(shell('status-get', ctx, { ...world, status: { status: 'active', message: 'x' } })).toBe('unknown\n');
  });
  test('the application is read anew, by the leader only', () => {
    expect(shell('status-get --application --format=json')).toBe(
      '{"application-status":{"status":"active","units":{"ann/0":{"status":"active"},"ann/1":{"status":"unknown"}}}}\n',
    );
    expect(shell('status-get --application', context(), { ...world, leader: false })).toBe(
      'ERROR finding application status: this unit is not the leader\nrc=1',
    );
  });
  test('takes four words, one message', () => {
    const ctx = context();
    expect(shell('status-set Active', ctx)).toBe(
      'ERROR invalid status "Active", expected one of [maintenance blocked waiting active]\nrc=2',
    );
    expect(shell('status-set active a b', ctx)).toBe('ERROR unrecognized args: ["b"]\nrc=2');
    expect(shell('status-set', ctx)).toBe('ERROR invalid args, require <status> [message]\nrc=2');
    expect(shell('status-set waiting', ctx)).toBe('');
    expect(ctx.effects).toEqual([{ kind: 'status', status: 'waiting', message: '' }]);
  });
});

describe('actions', () => {
  test('results nest at dots, the last wins; bad keys are refused', () => {
    const ctx = context({ action: { params: { i: 3, timeout: 3e11 }, results: {} } });
    expect(shell('action-set a=1 b.c=2 b.d=x', ctx)).toBe('');
    expect(shell('action-set a=3', ctx)).toBe('');
    expect(ctx.action?.results).toEqual({ a: '3', b: { c: '2', d: 'x' } });
    expect(shell('action-set Bad=1', ctx)).toContain('ERROR key "Bad" must start and end with lowercase');
    expect(shell('action-set stdout=x', ctx)).toBe('ERROR cannot set reserved action key "stdout"\nrc=2');
    expect(shell('action-get', ctx)).toBe('i: 3\ntimeout: 3e+11\n');
    expect(shell('action-get nosuch', ctx)).toBe('');
    expect(shell('action-get')).toBe('ERROR not running an action\nrc=1');
  });
});

describe('secrets', () => {
  test('one that the hook adds can be read and looked up in it', () => {
    const ctx = context();
    expect(shell('secret-add --label lab --rotate hourly pass=one user=uu', ctx)).toBe(
      `secret://${world.modelUuid}/${ID}\n`,
    );
    expect(shell('secret-get --label lab --format=json', ctx)).toBe('{"pass":"one","user":"uu"}\n');
    expect(shell(`secret-get ${ID} pass`, ctx)).toBe('one\n');
    expect(shell('secret-info-get --label lab --format=json', ctx)).toBe(
      `{"${ID}":{"revision":1,"label":"lab","owner":"application","rotation":"hourly"}}\n`,
    );
    expect(shell('secret-ids', ctx)).toBe(`${ID}\n`);
  });
  test.each([
    ['secret-add BAD=x', 'key "BAD" not valid'],
    ['secret-add ab=x', 'key "ab" not valid'],
    ['secret-add', 'missing secret value or filename'],
    ['secret-get nosuch', 'secret URI "nosuch" not valid'],
    ['secret-get', 'require either a secret URI or label'],
    ['secret-add --rotate sometimes abc=1', 'rotate policy "sometimes" not valid'],
  ])('%s is refused', (line, why) => {
    expect(shell(line)).toBe(`ERROR ${why}\nrc=2`);
  });
  test('without one secret-ids is null in JSON', () => {
    expect(shell('secret-ids --format=json')).toBe('null\n');
    expect(shell('secret-ids')).toBe('');
  });
});

test('juju-log joins its words and names the relation', () => {
  const ctx = context({ relation: { id: 'serve:16', remoteApp: 'bob' } });
  expect(shell('juju-log -l nosuch a b', ctx)).toBe('');
  expect(ctx.effects).toEqual([
    { kind: 'log', level: 'WARNING', message: 'Specified log level of "nosuch" is not valid' },
    { kind: 'log', level: 'INFO', message: 'serve:16: a b' },
  ]);
  expect(shell('juju-log --format=json x', ctx)).toBe('--format flag deprecated for command "juju-log"');
});

test('network-get gives addresses of an endpoint of the charm', () => {
  expect(shell('network-get serve --ingress-address')).toBe('10.0.0.5\n');
  expect(shell('network-get nosuch')).toBe('ERROR no network config found for binding "nosuch"\nrc=1');
});

test('resource-get prints the path without a newline', () => {
  expect(shell('resource-get blob')).toBe('/resources/blob.bin');
});

test('leader settings are gone in Juju 4, secrets are not yet in 2.9', () => {
  expect(toolNames('4.0.14')).not.toContain('leader-get');
  expect(toolNames('3.6.0')).toContain('leader-get');
  expect(toolNames('2.9.50').filter((name) => name.startsWith('secret-'))).toEqual([]);
});
