/** Small pieces of Markdown. */

/** Text in the cell of a table. */
function cell(text: string): string {
  return text
    .trim()
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

/** A generated page, which names what it is generated from. */
export function page(title: string, sources: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, `<!-- Made by npm run docs from ${sources}: change those. -->`, ...parts].join('\n\n')}\n`;
}
