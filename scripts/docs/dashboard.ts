/** A picture of the dashboard, drawn from its JSON: where each panel is, and what it shows. */
import { dashboard } from '../../src/wsgi/metrics/dashboard.ts';

/** Pixels of one of Grafana's 24 columns, and of one of its rows. */
const COLUMN = 42;
const ROW = 20;
const GAP = 4;
const COLORS = ['#73bf69', '#f2cc0c', '#5794f2', '#ff9830'];
const POINTS = 40;

export function dashboardSvg(charm: string): string {
  const { title, panels } = dashboard(charm);
  const width = 24 * COLUMN + 2 * GAP;
  const height = Math.max(...panels.map(({ gridPos: { y = 0, h = 0 } }) => y + h)) * ROW + 40;
  const drawn = panels.map((panel) => {
    const { x = 0, y = 0, w = 0, h = 0 } = panel.gridPos;
    const [left, top] = [x * COLUMN + GAP, y * ROW + 36];
    if (panel.type === 'row')
      return `<text x="${left + 4}" y="${top + 14}" font-weight="bold">${xml(panel.title)}</text>`;
    const [wide, high] = [w * COLUMN - GAP, h * ROW - GAP];
    const legends = 'targets' in panel ? panel.targets.map(({ legendFormat }) => legendFormat) : [];
    return [
      `<g transform="translate(${left} ${top})">`,
      `<rect width="${wide}" height="${high}" rx="3" fill="#181b1f" stroke="#2c3235"/>`,
      `<text x="10" y="18">${xml(panel.title)}</text>`,
      ...legends.map((_, index) => line(panel.id * 4 + index, wide, high, COLORS[index % COLORS.length] ?? '')),
      `<text x="10" y="${high - 8}" font-size="10" fill="#9fa7b3">${xml(legends.join('   '))}</text>`,
      '</g>',
    ].join('\n');
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img"`,
    ' font-family="Inter,Helvetica,sans-serif" font-size="12" fill="#ccccdc">',
    `<title>${xml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#111217"/>`,
    `<text x="8" y="22" font-size="15">${xml(title)}</text>`,
    ...drawn,
    '</svg>',
    '',
  ].join('\n');
}

/** The values are made up, the same each time. */
function line(seed: number, width: number, height: number, color: string): string {
  const [top, bottom] = [34, height - 30];
  const points = Array.from({ length: POINTS }, (_, index) => {
    const wave = Math.sin(seed + index / 4) * 0.18 + Math.sin(seed * 7 + index) * 0.07;
    const value = 0.25 + (seed % 4) * 0.17 + wave;
    const x = 10 + (index * (width - 20)) / (POINTS - 1);
    return `${x.toFixed(0)},${(bottom - Math.min(1, Math.max(0, value)) * (bottom - top)).toFixed(0)}`;
  });
  return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
}

function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
