/** Writes docs/benchmarks.md, docs/benchmarks.json and docs/benchmarks_growth.svg from the figures that the benchmarks have left. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { growthPlots } from './bench_plot.mjs';
import { GROWTH, NOT_MEASURED, PARTIES, TARGETS, WHY, WORKS } from './bench_targets.mjs';
import { chromiumPath } from './browser.mjs';
import { ROOT } from './run.mjs';

const FIGURES = join(ROOT, 'test-results/bench');

/** The parts that have run: name, foreign load and figures of each. */
export function keptParts() {
  return readdirSync(FIGURES)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(FIGURES, file), 'utf8')));
}

export function writeReport() {
  const parts = keptParts();
  const figures = parts.flatMap((part) => part.figures);
  const machine = {
    date: new Date().toISOString().slice(0, 10),
    browser: spawnSync(chromiumPath(), ['--version'], { encoding: 'utf8' }).stdout.trim().split(' on ')[0],
    processors: `${cpus().length} of ${cpus()[0].model.trim()}`,
  };
  const targets = TARGETS.flatMap((target) => results(figures, target));
  const files = bundle();
  const groups = growths(figures);
  writeFileSync(join(ROOT, 'docs/benchmarks_growth.svg'), growthPlots(groups));
  writeFileSync(
    join(ROOT, 'docs/benchmarks.json'),
    `${JSON.stringify({ machine, parts, targets, files }, undefined, 1)}\n`,
  );
  const text = [
    heading(machine, parts),
    targetTable(targets),
    list('Why', WHY),
    growthTable(groups),
    figureTables(figures),
    sizes(files),
    list('Not measured', NOT_MEASURED),
  ];
  writeFileSync(join(ROOT, 'docs/benchmarks.md'), `${text.join('\n\n')}\n`);
}

export function quantile(values, q) {
  return [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))];
}

const find = (figures, work, who) => figures.find((figure) => figure.work === work && figure.who === who);
const median = (figure) => quantile(figure.values, 0.5);

/** One result for each store that the work was done on; none for what has not run. */
function results(figures, target) {
  const { work, who: whose = ['memory', 'opfs'], peer, atLeast, atMost, quantile: q, limit, paired } = target;
  return [whose].flat().flatMap((who) => {
    const ours = find(figures, work, who);
    if (!ours) return [];
    if (limit !== undefined) {
      const value = quantile(ours.values, q);
      return [{ work, who, value, unit: ours.unit, quantile: q, limit, met: value <= limit }];
    }
    const theirs = find(figures, work, peer);
    if (!theirs) return [];
    const ratio = paired ? pairedRatio(ours, theirs) : median(ours) / median(theirs);
    return [
      { work, who, peer, ratio, atLeast, atMost, met: atMost === undefined ? ratio >= atLeast : ratio <= atMost },
    ];
  });
}

/** Of the ratios within each round: what the machine's mood does to both is not in it. */
const pairedRatio = (ours, theirs) =>
  quantile(
    ours.values.map((value, round) => value / theirs.values[round]),
    0.5,
  );

const partyNamed = (who) => PARTIES[who] ?? who;

const number = (value) =>
  value >= 100
    ? Math.round(value).toLocaleString('en-GB')
    : value === 0
      ? '0'
      : Number(value.toPrecision(2)).toString();

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function heading({ date, browser, processors }, parts) {
  const loads = parts.map(({ part, foreignCores }) => `${part} ${foreignCores.toFixed(2)}`).join(', ');
  return `# Benchmarks

One run of \`npm run bench\` on ${date}: ${browser}, headless, with a persistent profile; ${processors}. Everything in a table ran in the same
browser in alternating rounds, with a page that shows nothing that moves; figures are medians, with the lowest and the highest round in brackets. Absolute figures differ between machines and
hours by more than between peers: the ratios are what counts. What else used the processors meanwhile, in processors: ${loads}.`;
}

function targetTable(targets) {
  const rows = targets.map(({ work, who, peer, ratio, atLeast, atMost, value, unit, limit, quantile: q, met }) => [
    WORKS[work],
    partyNamed(who),
    peer ? partyNamed(peer) : '',
    peer ? `${number(ratio)}x` : `${number(value)} ${unit}`,
    peer
      ? atMost
        ? `at most ${atMost}x`
        : `at least ${atLeast}x`
      : `at most ${limit} ${unit}, ${q === 1 ? 'ever' : `p${100 * q}`}`,
    met ? 'yes' : '**no**',
  ]);
  return `## Targets\n\n${table(['work', 'who', 'against', 'result', 'wanted', 'met'], rows)}`;
}

/** What grew, with the figures and the cost of each size as multiples of the first; only what has run. */
function growths(figures) {
  return GROWTH.map(({ what, works, within, who = 'memory' }) => {
    const found = works
      .map(([size, work]) => ({ size, figure: find(figures, work, who) }))
      .filter(({ figure }) => figure);
    const cost = ({ unit, values }) => (unit === 'ms' ? quantile(values, 0.5) : 1 / quantile(values, 0.5));
    const points = found.map(({ size, figure }) => ({ size, figure, cost: cost(figure) / cost(found[0].figure) }));
    return { what, within, points };
  }).filter(({ points }) => points.length > 0);
}

function growthTable(groups) {
  const rows = groups.flatMap(({ what, within, points }) =>
    points.map(({ size, figure, cost }) => [
      `${what} ${size}`,
      spread(figure),
      `${number(cost)}x`,
      within === undefined ? '' : `at most ${within}x`,
      within === undefined ? '' : cost <= within ? 'yes' : '**no**',
    ]),
  );
  return `## Growth\n\n![Cost against size](benchmarks_growth.svg)\n\n${table(['work', 'median', 'cost', 'wanted', 'met'], rows)}`;
}

function spread(figure) {
  if (!figure) return '';
  const { values, unit } = figure;
  const range = values.length > 1 ? ` (${number(Math.min(...values))}–${number(Math.max(...values))})` : '';
  return `${number(quantile(values, 0.5))} ${unit}${range}`;
}

function figureTables(figures) {
  const works = Object.keys(WORKS).filter((work) => figures.some((figure) => figure.work === work));
  const sections = works.map((work) => {
    const rows = figures
      .filter((figure) => figure.work === work)
      .map((figure) => [partyNamed(figure.who), spread(figure)]);
    return `### ${WORKS[work]}\n\n${table(['who', 'median (lowest–highest)'], rows)}`;
  });
  return `## All figures\n\n${sections.join('\n\n')}`;
}

/** Bytes of each file of the build, as it is and compressed. */
function bundle() {
  const folder = join(ROOT, 'dist/assets');
  return readdirSync(folder)
    .filter((name) => /\.(js|css|wasm)$/.test(name))
    .map((name) => {
      const content = readFileSync(join(folder, name));
      return { name: name.replace(/-[\w-]{8}(\.\w+)$/, '$1'), bytes: content.length, gzip: gzipSync(content).length };
    })
    .sort((a, b) => b.gzip - a.gzip);
}

function sizes(files) {
  const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;
  const sum = (key) => files.reduce((total, file) => total + file[key], 0);
  const rows = [...files.slice(0, 12), { name: `all ${files.length}`, bytes: sum('bytes'), gzip: sum('gzip') }];
  return `## Bundle\n\n${table(
    ['file', 'size', 'gzip'],
    rows.map(({ name, bytes, gzip }) => [name, kib(bytes), kib(gzip)]),
  )}`;
}

const list = (title, texts) => `## ${title}\n\n${texts.map((text) => `- ${text}`).join('\n')}`;
