/** How cost grows, as an SVG with one small plot for each thing that grows; readable on light and on dark. */

const [WIDE, HIGH, COLUMNS] = [300, 190, 3];
const AREA = { left: 34, right: 282, top: 44, bottom: 146 };

const STYLE = `
text { font: 11px system-ui, sans-serif; fill: #333; }
.title { font-weight: 600; font-size: 12px; }
.grid { stroke: #0002; }
.limit { stroke: #c33; stroke-dasharray: 4 3; }
.line { fill: none; stroke: #15c; stroke-width: 2; }
.dot { fill: #15c; }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd; } .grid { stroke: #fff3; } .limit { stroke: #f88; } .line { stroke: #7af; } .dot { fill: #7af; }
}`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Groups `{ what, within, points: [{ size, cost }] }`; cost is that of the first point times so much. */
export function growthPlots(groups) {
  const height = Math.ceil(groups.length / COLUMNS) * HIGH;
  const panels = groups.map((group, i) => {
    const [x, y] = [(i % COLUMNS) * WIDE, Math.floor(i / COLUMNS) * HIGH];
    return `<g transform="translate(${x} ${y})">${panel(group)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDE * COLUMNS} ${height}" role="img">
<title>Cost against size, as multiples of the smallest</title>
<style>${STYLE}</style>
${panels.join('\n')}
</svg>
`;
}

function panel({ what, within, points }) {
  const top = Math.max(2, within ?? 0, ...points.map(({ cost }) => cost)) * 1.1;
  const x = (i) => AREA.left + ((i + 0.5) * (AREA.right - AREA.left)) / points.length;
  const y = (cost) => AREA.bottom - (cost / top) * (AREA.bottom - AREA.top);
  const across = (cost, kind) =>
    `<line class="${kind}" x1="${AREA.left}" x2="${AREA.right}" y1="${y(cost).toFixed(1)}" y2="${y(cost).toFixed(1)}"/>`;
  const grid = [0, 1].map((cost) => `${across(cost, 'grid')}<text x="8" y="${y(cost) + 4}">${cost}x</text>`);
  const limit =
    within === undefined ? '' : `${across(within, 'limit')}<text x="8" y="${y(within) + 4}">${within}x</text>`;
  const place = ({ cost }, i) => `${x(i).toFixed(1)},${y(cost).toFixed(1)}`;
  const dots = points.map(
    ({ size, cost }, i) => `<circle class="dot" cx="${x(i)}" cy="${y(cost)}" r="3.5"/>
<text x="${x(i)}" y="${y(cost) - 8}" text-anchor="middle">${cost.toFixed(2)}</text>
<text x="${x(i)}" y="${AREA.bottom + 16}" text-anchor="middle">${escaped(size)}</text>`,
  );
  return `<text class="title" x="8" y="18">${escaped(what)}</text>
${grid.join('')}${limit}<polyline class="line" points="${points.map(place).join(' ')}"/>
${dots.join('\n')}`;
}
