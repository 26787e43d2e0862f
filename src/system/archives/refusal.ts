/** An archive is not unpacked. The message is a sentence that names the member, where it is one member's fault. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/** Length of a name in a sentence. */
const LONGEST = 120;

/** A name from an archive as it may stand in a status line: in quotes, with everything odd escaped. */
export function shown(name: string): string {
  const escaped = JSON.stringify(name).replace(
    /[\u007f-\u00a0\u2028-\u202f\u2066-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return escaped.length > LONGEST ? `${escaped.slice(0, LONGEST)}…"` : escaped;
}

/** A number of bytes in words. */
export function bytes(count: number): string {
  for (const [unit, size] of [
    ['GiB', 2 ** 30],
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ] as const) {
    if (count >= size) return `${Number((count / size).toFixed(1))} ${unit}`;
  }
  return `${count} bytes`;
}
