/** Where a command prints, and which model it works on. Tests give their own. */

import type { Command } from 'commander';
import picocolors from 'picocolors';
import { LocalModel } from '../local-model.ts';
import { LocalError } from '../model/local-error.ts';
import { modelDir } from '../model-dir.ts';

export interface Terminal {
  /** Text to stdout; a newline at its end is seen to. */
  readonly out: (text: string) => void;
  /** What is not the result: to stderr. */
  readonly note: (text: string) => void;
  /** A person looks on: colours, and output that goes on. */
  readonly isTerminal: boolean;
  readonly colors: ReturnType<typeof picocolors.createColors>;
  exitCode: number;
  /** Folder of a model by its name. @throws LocalError when the name is none */
  readonly modelDir: (model: string) => string;
  /** The model that `--model` names. @throws LocalError when there is none */
  readonly open: (command: Command) => LocalModel;
}

/**
 * The process's own; Ctrl-C ends what runs and leaves the model so that the next command takes it up. A reader that has
 * read enough (`... | head`) ends the output, and not the command.
 */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', unlessReaderIsGone);
  const isTerminal = process.stdout.isTTY === true;
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(withNewline(text)),
    note: (text) => void process.stderr.write(withNewline(text)),
    isTerminal,
    colors: picocolors.createColors(isTerminal && process.env.NO_COLOR === undefined),
    exitCode: 0,
    modelDir,
    open: (command) => {
      const model = modelOf(command);
      const dir = modelDir(model);
      if (!LocalModel.exists(dir)) {
        throw new LocalError(`model ${JSON.stringify(model)} not found; deploy a charm to begin one`);
      }
      return LocalModel.open(dir, {
        signal: interruptible(terminal),
        onWait: (pid) => terminal.note(`waiting for another command to finish (process ${pid})`),
      });
    },
  };
  return terminal;
}

/** Source: write(2), EPIPE. */
function unlessReaderIsGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

export function withNewline(text: string): string {
  return text.endsWith('\n') || text === '' ? text : `${text}\n`;
}

function interruptible(terminal: Terminal): AbortSignal {
  const controller = new AbortController();
  const stop = () => {
    terminal.note('stopping the hook that runs; the next command runs it again');
    terminal.exitCode = 130;
    controller.abort();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return controller.signal;
}

/** The value of `--model`, before the verb or after it. */
export function modelOf(command: Command): string {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const { model } = at.opts<{ model?: string }>();
    if (model !== undefined) return model;
  }
  return 'local';
}
