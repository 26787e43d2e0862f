/** The machine as the packages beside the charm need it: programs, files, users, systemd. */
export { ensurePackages } from './apt.ts';
export { errorCode } from './errors.ts';
export { writeFile } from './files.ts';
export type { Clock, Machine, RunOptions, RunResult } from './machine.ts';
export { environmentOf, startTime } from './processes.ts';
export { createMachine } from './real-machine.ts';
export { daemonReload, enable, failureReason, isActive, show, start, stop } from './systemd.ts';
export { ensureUser } from './users.ts';
