import { expect, test } from 'vitest';
import { createHookContext } from '../../juju/context.ts';
import { hookEnvironment } from '../../juju/environment.ts';
import type { ToolRunner } from '../../juju/run.ts';
import { observe } from './databags.ts';

/** A hook of wsgi/1 whose leader says this. */
function peers(said: Readonly<Record<string, string>>) {
  const answers: Readonly<Record<string, unknown>> = {
    'relation-ids': ['fleet:0'],
    'relation-list': ['wsgi/0', 'wsgi/2'],
  };
  const run: ToolRunner = (tool, args) => {
    const bag = args.includes('wsgi') ? said : { ready: 'r2' };
    const answer = args.includes('--app') && tool === 'relation-list' ? 'wsgi' : (answers[tool] ?? bag);
    return { code: 0, stdout: JSON.stringify(answer), stderr: '' };
  };
  const environment = { JUJU_UNIT_NAME: 'wsgi/1', JUJU_VERSION: '3.6.1', JUJU_HOOK_NAME: 'update-status' };
  return createHookContext(run, hookEnvironment(environment), undefined);
}

test('an endpoint that reads the application alone sees who is there, and of what is addressed only what names the unit', () => {
  const fleet = { reads: 'application', addressed: ['turn', 'granted'] } as const;
  const seen = (turn: string, granted: string) =>
    observe(peers({ turn: JSON.stringify({ unit: turn }), granted, promoted: 'r2' }), { fleet }).fleet[0];
  const units = { 'wsgi/0': {}, 'wsgi/2': {} };
  expect(seen('wsgi/0', '1')).toMatchObject({ units, appBag: { promoted: 'r2' } });
  expect(seen('wsgi/0', '1')).toEqual(seen('wsgi/2', '2'));
  expect(seen('wsgi/1', '3')?.appBag).toEqual({ promoted: 'r2', turn: '{"unit":"wsgi/1"}' });
  expect(seen('wsgi/11', '4')).toEqual(seen('wsgi/0', '1'));
});
