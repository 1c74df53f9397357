/** A page of the bench beside the machine's: workers of peers, bundled for it alone, at addresses that only its browser answers. */
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from '@playwright/test';
import { build, type Rolldown } from 'vite';

const HEADERS = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  mjs: 'text/javascript',
  wasm: 'application/wasm',
};

export type PeerFiles = ReadonlyMap<string, string | Buffer>;

/** Opens `index.html` of the files at `folder` of the origin of `url`. */
export async function openPeerPage(
  context: BrowserContext,
  url: string,
  folder: string,
  files: PeerFiles,
): Promise<Page> {
  await context.route(`**/${folder}/*`, (route) => {
    const name = new URL(route.request().url()).pathname.split('/').pop()!;
    const body = files.get(name);
    if (body === undefined) return route.fulfill({ status: 404 });
    return route.fulfill({ contentType: TYPES[name.split('.').pop()!]!, body, headers: HEADERS });
  });
  const page = await context.newPage();
  await page.goto(new URL(`${folder}/index.html`, url).href);
  return page;
}

/** Name and content of each, and of what they need, bundled as the page's own are; `entries`: file names beside this one, by the name of the worker. */
export async function bundled(
  entries: Readonly<Record<string, string>>,
): Promise<[name: string, content: string | Buffer][]> {
  const input = Object.fromEntries(
    Object.entries(entries).map(([name, file]) => [name, fileURLToPath(new URL(file, import.meta.url))]),
  );
  const built = (await build({
    configFile: false,
    base: './',
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input,
        output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', assetFileNames: '[name][extname]' },
      },
    },
  })) as Rolldown.RolldownOutput;
  return built.output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : Buffer.from(file.source)]);
}
