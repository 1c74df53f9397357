/** What `vite build` left in dist/, without a browser. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';

const root = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const assets = readdirSync(root('dist/assets'));
const images = readdirSync(root('workers'));

test('every folder under workers/ became one chunk of its name', () => {
  const chunks = images.map(
    (image) => assets.filter((file) => file.startsWith(`${image}-`) && file.endsWith('.js')).length,
  );
  expect(Object.fromEntries(images.map((image, i) => [image, chunks[i]]))).toEqual(
    Object.fromEntries(images.map((image) => [image, 1])),
  );
});

test('the page asks for each of them by a relative address', () => {
  const page = assets
    .filter((file) => file.endsWith('.js'))
    .map((file) => readFileSync(root(`dist/assets/${file}`), 'utf8'));
  for (const image of images) {
    const chunk = assets.find((file) => file.startsWith(`${image}-`) && file.endsWith('.js'))!;
    expect(
      page.some((text) => text.includes(chunk)),
      image,
    ).toBe(true);
  }
  expect(readFileSync(root('dist/index.html'), 'utf8')).not.toMatch(/(src|href)="\//);
});

test('the service worker knows every file of the build', () => {
  const text = readFileSync(root('dist/service_worker.js'), 'utf8');
  expect(text).not.toContain('__BUILD__');
  for (const file of assets) expect(text).toContain(`assets/${file}`);
});

test('the peers of the benchmarks are not in it', () => {
  for (const file of assets.filter((name) => name.endsWith('.js'))) {
    expect(readFileSync(root(`dist/assets/${file}`), 'utf8'), file).not.toMatch(/f_mkfs|zenfs/i);
  }
  expect(assets.filter((file) => file.endsWith('.wasm'))).toHaveLength(1);
});

test('nothing has an inline script or a data: address that the policy forbids', () => {
  const html = readFileSync(root('dist/index.html'), 'utf8');
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|javascript:/i);
  const css = assets
    .filter((file) => file.endsWith('.css'))
    .map((file) => readFileSync(root(`dist/assets/${file}`), 'utf8'));
  expect(css.join()).not.toContain('url(data:');
});

test('static hosts find the headers in a file', () => {
  const headers = readFileSync(root('dist/_headers'), 'utf8');
  expect(headers).toMatch(
    /^\/\*\n {2}Cross-Origin-Opener-Policy: same-origin\n {2}Cross-Origin-Embedder-Policy: require-corp\n/,
  );
});
