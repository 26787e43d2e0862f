/** What a program printed, as a picture that plays it: an SVG in which each line comes when it came. */

export interface Printed {
  /** Milliseconds since the program began. */
  readonly at: number;
  readonly text: string;
}

const CHARACTER = 7.8;
const LINE = 18;
const MARGIN = 16;
const BAR = 28;
/** The longest pause in the picture, in milliseconds: it shortens the installation. */
const LONGEST_PAUSE = 1200;

/** @param command what was typed, shown first */
export function recordingSvg(command: string, lines: readonly Printed[]): string {
  const shown = played([{ at: 0, text: `$ ${command}` }, ...lines]);
  const columns = Math.max(80, ...shown.map(({ text }) => text.length));
  const width = Math.ceil(columns * CHARACTER + 2 * MARGIN);
  const height = BAR + shown.length * LINE + 2 * MARGIN;
  const texts = shown.map(
    ({ at, text }, i) =>
      `<text x="${MARGIN}" y="${BAR + MARGIN + (i + 1) * LINE - 5}" style="animation-delay:${at}ms">${escaped(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(command)}</title>
<style>
text { font: 13px ui-monospace, 'DejaVu Sans Mono', monospace; fill: #d7dde5; white-space: pre; animation: come 1ms backwards; }
@keyframes come { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#161b22"/>
<g fill="#3d4653"><circle cx="18" cy="16" r="5"/><circle cx="36" cy="16" r="5"/><circle cx="54" cy="16" r="5"/></g>
${texts.join('\n')}
</svg>
`;
}

/** The same lines with long pauses made short. */
function played(lines: readonly Printed[]): Printed[] {
  let [clock, before] = [0, 0];
  return lines.map(({ at, text }) => {
    clock += Math.min(Math.max(0, at - before), LONGEST_PAUSE);
    before = at;
    return { at: Math.round(clock), text };
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
