/** Operations and tasks as `juju run --format json`, `operations` and `show-task` show them. */

import type { Operation, Task } from '../model/state.ts';

/** `2000-01-01 09:41:56.694 +0000 UTC` */
export function goTime(time: string): string {
  return `${time.replace('T', ' ').replace('Z', '')} +0000 UTC`;
}

/** `09:41:56` */
export function logTime(time: string): string {
  return time.slice(11, 19);
}

/** One unit's part of what `run` prints. */
export function taskResult(task: Task): object {
  const { id, log, message, results, status, enqueued, started, completed, unit } = task;
  return {
    id,
    log: logLines(log),
    message: message || undefined,
    results: Object.keys(results).length === 0 ? undefined : sorted(results),
    status,
    timing: {
      completed: completed && goTime(completed),
      enqueued: goTime(enqueued),
      started: started && goTime(started),
    },
    unit,
  };
}

function logLines(log: Task['log']): string[] | undefined {
  return log.length === 0 ? undefined : log.map((line) => `${goTime(line.time)} ${line.message}`);
}

function sorted(results: Task['results']): object {
  return Object.fromEntries(
    Object.entries(results)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [key, typeof value === 'object' ? sorted(value) : value]),
  );
}

export function taskEntry(task: Task): object {
  const { unit: _unit, ...rest } = Object.fromEntries(Object.entries(taskResult(task)));
  return { ...rest, unit: task.unit };
}

export function operationEntry(operation: Operation): object {
  const { summary, action, parameters, enqueued, completed, tasks } = operation;
  return {
    summary,
    status: operationStatus(operation),
    action: { name: action, parameters },
    timing: { enqueued: goTime(enqueued), completed: completed && goTime(completed) },
    tasks: Object.fromEntries(
      tasks.map(({ id, unit, status, log, message, ...task }) => [
        id,
        {
          host: unit,
          status,
          message: message || undefined,
          timing: {
            enqueued: goTime(task.enqueued),
            started: task.started && goTime(task.started),
          },
          log: logLines(log),
        },
      ]),
    ),
  };
}

function operationStatus({ tasks, failure }: Operation): string {
  if (failure !== undefined) return 'error';
  return tasks.find(({ status }) => status !== 'completed')?.status ?? 'completed';
}
