/**
 * What `make curl` and `make nagios` show: a command or an action on every unit of an application, and what each answered,
 * as `juju run` of old printed it. `ask-units APPLICATION COMMAND`, or `ask-units APPLICATION --action NAME`.
 * $JUJU is what drives the model: `juju`, or `npx wsgi-charm local`.
 */
import { execa } from 'execa';
import { z } from 'zod';
import { root } from './lib/checks.ts';

const Status = z.object({
  // A subordinate's units are listed under those of its principal, and itself has none.
  applications: z.record(
    z.string(),
    z.object({ units: z.record(z.string(), z.object({ machine: z.string() })).default({}) }),
  ),
});
const Answer = z.object({
  message: z.string().optional(),
  results: z.looseObject({ stdout: z.string().optional(), stderr: z.string().optional() }).default({}),
});

const [application = '', what = '', action = ''] = process.argv.slice(2);
const juju = (process.env.JUJU ?? 'juju').split(' ');
const machines = await machinesOf(application);
const units = Object.keys(machines);
const [shown, asked] =
  what === '--action'
    ? [`run ${units.join(' ')} ${action}`, ['run', ...units, action]]
    : [`exec --application ${application} "${what}"`, ['exec', '--application', application, what]];
console.log(`juju ${shown}`);
const { stdout, stderr } = await drive(...asked, '--format', 'json');
const answers = z.record(z.string(), Answer).safeParse(parsed(stdout));
if (!answers.success) fail(stderr === '' ? stdout : stderr);
for (const unit of units) console.log(inWords(unit, answers.data[unit]));

async function machinesOf(name: string): Promise<Record<string, string>> {
  const { stdout: text, stderr: problem, exitCode } = await drive('status', '--format', 'json');
  if (exitCode !== 0) fail(problem);
  const found = Status.parse(parsed(text)).applications[name];
  if (found === undefined) fail(`there is no application ${name}; make deploy makes it`);
  if (Object.keys(found.units).length === 0) fail(`${name} has no unit of its own`);
  return Object.fromEntries(Object.entries(found.units).map(([unit, { machine }]) => [unit, machine]));
}

/** A command that fails on a unit is what is to be shown. */
async function drive(...args: readonly string[]) {
  const [program = 'juju', ...first] = juju;
  return execa(program, [...first, ...args], { cwd: root, reject: false });
}

/** An item of a YAML list, quoted as the guide shows it. */
function inWords(unit: string, answer: z.infer<typeof Answer> | undefined): string {
  const { stdout: output = '', stderr: problem = '', 'return-code': code, ...results } = answer?.results ?? {};
  const failed = what !== '--action' && code !== 0 ? [`ReturnCode: ${String(code)}`, `Stderr: ${quoted(problem)}`] : [];
  const said = Object.entries(results).map(([name, value]) => `  ${name}: ${quoted(String(value))}`);
  const told = what === '--action' ? ['Results:', ...said] : [`Stdout: ${quoted(output)}`];
  return `- ${[`MachineId: "${machines[unit]}"`, ...told, ...failed, `UnitId: ${unit}`].join('\n  ')}`;
}

function quoted(text: string): string {
  const line = text.trimEnd();
  return line.includes('\n') ? JSON.stringify(line) : `'${line.replaceAll("'", "''")}'`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
