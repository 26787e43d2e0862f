/** Hook tools in the hooks stop and remove, where Juju may have forgotten the unit already. */
import { TOOL_MISSING, type ToolResult, type ToolRunner } from './run.ts';

/** What a tool prints where there is nothing to tell; a tool that writes prints nothing. */
const NOTHING: Readonly<Record<string, string>> = {
  'config-get': '{}',
  'goal-state': '{}',
  'is-leader': 'false',
  'leader-get': '{}',
  'network-get': '{}',
  'opened-ports': '[]',
  'relation-get': '{}',
  'relation-ids': '[]',
  'relation-list': '[]',
  'status-get': '{"status":"unknown","message":""}',
};

/**
 * Takes a tool that fails for one that has nothing to tell, so that what the unit put onto the machine is removed whatever
 * Juju answers: `status-get` may say `unit not found`.
 *
 * @param failed told of each failure, without the tool's arguments
 */
export function tolerant(run: ToolRunner, failed: (line: string) => void): ToolRunner {
  return (tool, args, input) => {
    const result = attempt(run, tool, args, input);
    if (tool.startsWith('secret-') || (tool === 'leader-get' && result.code === TOOL_MISSING)) return result;
    const nothing = args.includes('--app') && tool === 'relation-list' ? '""' : NOTHING[tool];
    if (result.code === 0 && (nothing === undefined || isLike(nothing, result.stdout))) return result;
    const reason = result.stderr.split('\n').find((line) => line.trim() !== '') ?? `it ended with ${result.code}`;
    failed(`${tool}: ${reason.replace(/^ERROR /, '').trim()}`);
    return { code: 0, stdout: nothing ?? '', stderr: '' };
  };
}

function attempt(run: ToolRunner, tool: string, args: readonly string[], input: string | undefined): ToolResult {
  try {
    return run(tool, args, input);
  } catch (error) {
    return { code: 126, stdout: '', stderr: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether an answer is of the kind that the tool gives; some tools print nothing where there is nothing. */
function isLike(nothing: string, stdout: string): boolean {
  try {
    const [expected, found]: [unknown, unknown] = [JSON.parse(nothing), JSON.parse(stdout.trim() || 'null')];
    const nullable = typeof expected === 'object';
    if (found === null) return nullable;
    return typeof found === typeof expected && Array.isArray(found) === Array.isArray(expected);
  } catch {
    return false;
  }
}
