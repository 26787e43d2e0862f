import { load } from 'js-yaml';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  action,
  type Charm,
  loadCharm,
  relationBroken,
  relationChanged,
  relationCreated,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';

let charm: Charm;
let served: State;
/** Watched by Nagios, through NRPE. */
let watched: State;

const nrpe = {
  id: 'nrpe-external-master:1',
  remoteApp: 'nrpe',
  remoteUnits: { 'nrpe/0': { nagios_hostname: 'prod-wsgi-0', nagios_host_context: 'prod' } },
};
const nagiosFiles = (world: State) =>
  Object.keys(world.files).filter((path) => path.includes('nagios') && path.endsWith('.cfg'));
const told = (world: State, index = 0) => world.relations[index]?.localUnitData ?? {};

beforeAll(async () => {
  charm = await loadCharm('.');
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 } }));
  watched = await run(
    charm,
    relationChanged('nrpe-external-master:1', 'nrpe/0'),
    state({ ...served, relations: [nrpe] }),
  );
});

describe('while NRPE is related', () => {
  test('each check has a file for NRPE and one for Nagios', () => {
    expect(nagiosFiles(watched).sort()).toEqual([
      '/etc/nagios/nrpe.d/check_wsgi_http.cfg',
      '/etc/nagios/nrpe.d/check_wsgi_service.cfg',
      '/var/lib/nagios/export/service__prod-wsgi-0_check_wsgi_http.cfg',
      '/var/lib/nagios/export/service__prod-wsgi-0_check_wsgi_service.cfg',
    ]);
  });

  test('the subordinate is told of them', () => {
    expect(told(watched)).toMatchObject({ primary: 'True', timestamp: expect.stringMatching(/^\d+$/) });
    expect(load(told(watched).monitors ?? '')).toEqual({
      version: '0.3',
      monitors: {
        remote: {
          nrpe: { wsgi_http: { command: 'check_wsgi_http' }, wsgi_service: { command: 'check_wsgi_service' } },
        },
      },
    });
  });

  test('an option changes the check, and the timestamp says so', async () => {
    const config = { ...watched.config, nagios_index_content: "it's up" };
    const after = await run(charm, 'config-changed', state({ ...watched, config }));
    expect(after.files['/etc/nagios/nrpe.d/check_wsgi_http.cfg']).toContain(" -s 'it'\\''s up'");
    expect(told(after).timestamp).not.toBe(told(watched).timestamp);
  });

  test('files for a host name that it no longer has go', async () => {
    const renamed = { ...nrpe, remoteUnits: { 'nrpe/0': { nagios_hostname: 'other' } } };
    const world = state({ ...watched, relations: [renamed] });
    const after = await run(charm, relationChanged('nrpe-external-master:1', 'nrpe/0'), world);
    expect(nagiosFiles(after).filter((path) => path.includes('export'))).toEqual([
      '/var/lib/nagios/export/service__other_check_wsgi_http.cfg',
      '/var/lib/nagios/export/service__other_check_wsgi_service.cfg',
    ]);
  });
});

test('files go with the relation, and those of others stay', async () => {
  const others = { '/etc/nagios/nrpe.d/check_disk.cfg': 'command[check_disk]=x\n' };
  const departed = [{ ...nrpe, remoteUnits: {} }];
  const before = state({ ...watched, files: { ...watched.files, ...others }, relations: departed });
  const after = await run(charm, relationBroken(nrpe.id), before);
  expect(nagiosFiles(after)).toEqual(Object.keys(others));
});

test('verify has a check of its own', async () => {
  const config = { ...served.config, verify_hostname: 'shop.example', verify_content: 'Welcome' };
  const relations = [{ id: 'verify:2', remoteApp: 'nrpe', remoteUnits: {} }];
  const after = await run(charm, relationCreated('verify:2'), state({ ...served, config, relations }));
  expect(after.files['/etc/nagios/nrpe.d/check_webservice.cfg']).toContain(
    " -H shop.example -u / -e '200 OK' -s Welcome\n",
  );
  expect(load(told(after).monitors ?? '')).toMatchObject({
    monitors: { remote: { nrpe: { webservice: { command: 'check_webservice' } } } },
  });
});

describe('the action check', () => {
  test('says at once what to install where the plugins are missing', async () => {
    const missing = { code: 127, stderr: 'sh: 1: /usr/lib/nagios/plugins/check_http: not found\n' };
    const programs = {
      sh: ({ args }: { readonly args: readonly string[] }) =>
        args[1]?.includes('check_http') ? missing : { stdout: 'fine\n' },
    };
    const after = await run(charm, action('check'), state({ ...served, programs }));
    expect(after.action).toMatchObject({
      status: 'failed',
      message: 'wsgi_http is UNKNOWN',
      results: {
        'wsgi-http':
          'UNKNOWN: check_http is not on this machine: add monitoring-plugins-basic to apt_dependencies, or relate nrpe-external-master',
      },
    });
    expect(after.ran.filter(({ program }) => program.startsWith('apt'))).toEqual([]);
  });

  test('shows what each check answers', async () => {
    const programs = { sh: () => ({ code: 0, stdout: 'HTTP OK: fine\n' }) };
    const after = await run(charm, action('check'), state({ ...served, programs }));
    expect(after.action).toMatchObject({
      results: { 'wsgi-http': 'OK: HTTP OK: fine', 'wsgi-service': 'OK: HTTP OK: fine' },
    });
  });
});
