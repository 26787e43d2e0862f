import { describe, expect, it } from 'vitest';
import type { DesiredProcess } from './desired-processes.ts';
import { type Plan, planProcesses } from './plan.ts';
import type { ProcessUnit } from './state.ts';

const FILE = 'wsgi-worker@.service';
const WORKER: DesiredProcess = {
  name: 'worker',
  files: new Map([[FILE, 'new']]),
  units: ['wsgi-worker@1.service', 'wsgi-worker@2.service'],
  onLeader: false,
  generation: 'g2',
};
const BEAT: DesiredProcess = {
  name: 'beat',
  files: new Map([['wsgi-beat@.service', 'beat']]),
  units: ['wsgi-beat@1.service'],
  onLeader: true,
  generation: 'b1',
};
const CLEANUP: DesiredProcess = {
  name: 'cleanup',
  files: new Map([
    ['wsgi-cleanup.service', 'cleanup'],
    ['wsgi-cleanup.timer', 'daily'],
  ]),
  units: ['wsgi-cleanup.timer'],
  onLeader: true,
  generation: 'c1',
};

function running(generation: string, more: Partial<ProcessUnit> = {}): ProcessUnit {
  return {
    state: 'active',
    subState: 'running',
    result: 'success',
    enabled: true,
    pid: 1,
    generation,
    astray: false,
    ...more,
  };
}

function plan(
  processes: readonly DesiredProcess[],
  files: Readonly<Record<string, string>>,
  units: Readonly<Record<string, ProcessUnit>>,
  { leads = false, startStopped = false } = {},
): Plan {
  const state = { files: new Map(Object.entries(files)), units: new Map(Object.entries(units)) };
  return planProcesses({ processes, state, leads, startStopped });
}

const NOTHING = { remove: [], stop: [], start: [], down: [], enable: [], stopped: [], failing: [] };

describe('the plan', () => {
  it('starts and enables what is not there', () => {
    expect(plan([WORKER], {}, {})).toEqual({
      ...NOTHING,
      write: WORKER.files,
      start: WORKER.units,
      enable: WORKER.units,
    });
  });

  it('does nothing where all is as it should be', () => {
    const units = { 'wsgi-worker@1.service': running('g2'), 'wsgi-worker@2.service': running('g2') };
    expect(plan([WORKER], { [FILE]: 'new' }, units)).toEqual({ ...NOTHING, write: new Map() });
  });

  it('restarts what runs another generation, or has a unit file that somebody changed', () => {
    const units = { 'wsgi-worker@1.service': running('g1'), 'wsgi-worker@2.service': running('g2') };
    expect(plan([WORKER], { [FILE]: 'new' }, units).start).toEqual(['wsgi-worker@1.service']);
    expect(plan([WORKER], { [FILE]: 'edited' }, units).start).toEqual(WORKER.units);
  });

  it('restarts what works in a folder that was removed', () => {
    const units = { 'wsgi-worker@1.service': running('g2', { astray: true }), 'wsgi-worker@2.service': running('g2') };
    expect(plan([WORKER], { [FILE]: 'new' }, units).start).toEqual(['wsgi-worker@1.service']);
  });

  it('stops instances beyond the number, and processes that the build has not any more', () => {
    const units = {
      'wsgi-worker@3.service': running('g2'),
      'wsgi-old@1.service': running('g0'),
      'wsgi-worker@1.service': running('g2'),
      'wsgi-worker@2.service': running('g2'),
    };
    expect(plan([WORKER], { [FILE]: 'new', 'wsgi-old@.service': 'old' }, units)).toMatchObject({
      stop: ['wsgi-worker@3.service', 'wsgi-old@1.service'],
      remove: ['wsgi-old@.service'],
      start: [],
    });
  });

  it('reports what somebody has stopped, and starts it only for somebody who asks', () => {
    const stopped = running('', { state: 'inactive', pid: undefined, generation: undefined });
    const units = { 'wsgi-worker@1.service': stopped, 'wsgi-worker@2.service': running('g2') };
    expect(plan([WORKER], { [FILE]: 'new' }, units)).toMatchObject({ stopped: ['wsgi-worker@1.service'], start: [] });
    expect(plan([WORKER], { [FILE]: 'new' }, units, { startStopped: true })).toMatchObject({
      stopped: [],
      start: ['wsgi-worker@1.service'],
    });
  });

  it('leaves what ends again and again to systemd, until there is something new to try', () => {
    const down = running('', { state: 'activating', subState: 'auto-restart', pid: undefined, generation: undefined });
    const units = { 'wsgi-worker@1.service': down, 'wsgi-worker@2.service': running('g2') };
    expect(plan([WORKER], { [FILE]: 'new' }, units)).toMatchObject({ failing: ['wsgi-worker@1.service'], start: [] });
    expect(plan([WORKER], { [FILE]: 'old' }, units)).toMatchObject({
      down: ['wsgi-worker@1.service'],
      start: ['wsgi-worker@2.service', 'wsgi-worker@1.service'],
    });
  });

  it('runs schedulers and timers on the leader alone, and not before a hook knows who that is', () => {
    const processes = [BEAT, CLEANUP];
    expect(plan(processes, {}, {}, { leads: true })).toMatchObject({
      start: ['wsgi-beat@1.service', 'wsgi-cleanup.timer'],
      enable: [],
    });
    const files = Object.fromEntries(processes.flatMap((process) => [...process.files]));
    const units = {
      'wsgi-beat@1.service': running('b1', { enabled: false }),
      'wsgi-cleanup.timer': running('', { enabled: false, pid: undefined }),
      'wsgi-cleanup.service': running('c1', { enabled: false, state: 'activating' }),
    };
    expect(plan(processes, files, units)).toMatchObject({
      start: [],
      stop: ['wsgi-beat@1.service', 'wsgi-cleanup.timer', 'wsgi-cleanup.service'],
    });
    expect(plan(processes, files, units, { leads: true })).toEqual({ ...NOTHING, write: new Map() });
  });
});
