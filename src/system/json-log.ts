/** Lines of a log in JSON, as the text that they would be. */

/** Where formatters put the traceback of an exception. */
const TRACEBACKS = /^(?:exc_info|exc_text|exception|traceback|stack_?trace|stack|error|err)$/i;
const MESSAGES = ['message', 'msg', 'event', 'text'];
const LEVELS = ['level', 'levelname', 'severity', 'log.level', 'level_name'];

/** What a line says, and of which level it is; undefined for a line that is no object in JSON. */
export interface JsonLine {
  readonly level: string;
  readonly message: string;
  /** The lines of the traceback, or of what says in its place which exception there was. */
  readonly traceback: readonly string[];
}

/** Reads one line; some text may stand before the object. */
export function readJsonLine(line: string): JsonLine | undefined {
  const begin = line.indexOf('{"');
  if (begin < 0 || !line.trimEnd().endsWith('}')) return undefined;
  const entry = parsed(line.slice(begin));
  if (entry === undefined) return undefined;
  const nested = Object.values(entry).filter(isRecord);
  const traceback = [entry, ...nested].flatMap(tracebackIn);
  const message = textOf(entry, MESSAGES);
  return message === undefined && traceback.length === 0
    ? undefined
    : { level: (textOf(entry, LEVELS) ?? '').toUpperCase(), message: message ?? '', traceback };
}

type Entry = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(entry: Entry, names: readonly string[]): string | undefined {
  const name = names.find((each) => typeof entry[each] === 'string');
  const value = name === undefined ? undefined : entry[name];
  return typeof value === 'string' ? value : undefined;
}

function tracebackIn(entry: Entry): string[] {
  const said = Object.entries(entry).filter(([name]) => TRACEBACKS.test(name.slice(name.lastIndexOf('.') + 1)));
  return [...said.flatMap(([, value]) => linesOf(value)), ...typeAndValue(entry)];
}

/** A traceback as text, as a list of lines, or structlog's list of exceptions. */
function linesOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split('\n');
  if (!Array.isArray(value)) return [];
  return value.flatMap((each: unknown) => (isRecord(each) ? typeAndValue(each) : linesOf(each)));
}

/** `{"exc_type": "KeyError", "exc_value": "'SECRET_KEY'"}` of structlog, `{"type": ..., "message": ...}` of ECS. */
function typeAndValue(entry: Entry): string[] {
  const type = textOf(entry, ['exc_type', 'type', 'class']);
  const value = textOf(entry, ['exc_value', 'message', 'value']);
  if (type === undefined || value === undefined || !/^[\w.]+$/.test(type)) return [];
  return /(?:Error|Exception|Exit|Interrupt|Warning|Configured|NotFound)$/.test(type) ? [`${type}: ${value}`] : [];
}
