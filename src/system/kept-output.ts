import { StringDecoder } from 'node:string_decoder';

/** The end of an output stream, of bounded size, and its lines as they come. */
export interface KeptOutput {
  write(chunk: Uint8Array): void;
  /** Hands over a last line without a line end, and returns what was kept. */
  end(): string;
}

/** A line without an end is handed over in pieces of this many characters, so that memory stays bounded. */
const LONGEST_LINE = 64 * 1024;

/** Keeps the last `limit` bytes of what is written to it, from the first whole UTF-8 character on. */
export function keepOutput(limit: number, onLine?: (line: string) => void): KeptOutput {
  const decoder = new StringDecoder('utf8');
  let chunks: Uint8Array[] = [];
  let size = 0;
  let dropped = false;
  let line = '';

  function trim(): void {
    const all = Buffer.concat(chunks);
    dropped ||= all.length > limit;
    chunks = [all.subarray(Math.max(0, all.length - limit))];
    size = Math.min(size, limit);
  }

  function handOver(text: string): void {
    if (onLine === undefined) return;
    const lines = (line + text).split(/\r?\n/);
    line = lines.pop() ?? '';
    for (const each of lines) onLine(each);
    while (line.length > LONGEST_LINE) {
      onLine(line.slice(0, LONGEST_LINE));
      line = line.slice(LONGEST_LINE);
    }
  }

  return {
    write(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > 2 * limit + LONGEST_LINE) trim();
      handOver(decoder.write(chunk));
    },
    end() {
      handOver(decoder.end());
      if (line !== '') onLine?.(line);
      line = '';
      trim();
      const [kept = Buffer.alloc(0)] = chunks;
      let start = 0;
      while (dropped && start < kept.length && ((kept[start] ?? 0) & 0xc0) === 0x80) start++;
      return Buffer.from(kept.subarray(start)).toString('utf8');
    },
  };
}
