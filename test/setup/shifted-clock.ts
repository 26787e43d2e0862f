/** Loaded into a hook before the charm: its clock goes by as many days as the file of CLOCK_DAYS says. */
import { existsSync, readFileSync } from 'node:fs';

const file = process.env.CLOCK_DAYS ?? '';
delete process.env.CLOCK_DAYS;
const shift = existsSync(file) ? Number(readFileSync(file, 'utf8')) * 86_400_000 : 0;
const Real = Date;

globalThis.Date = class extends Real {
  constructor(value: number | string | Date = Real.now() + shift) {
    super(value);
  }
  static override now(): number {
    return Real.now() + shift;
  }
} as DateConstructor;
