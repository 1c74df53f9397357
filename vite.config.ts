/** How the page and its workers are built and served: one chunk per program under workers/, isolation headers everywhere. */
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { ISOLATION_HEADERS, isLan, LAN_POLICY, POLICY, policyText, SECURITY_HEADERS } from './src/offline/headers.ts';

const YEAR_S = 365 * 24 * 3600;

/** Vite reloads modules with an inline preamble and a web socket; its client makes script URLs of its own. */
const { 'require-trusted-types-for': _, 'trusted-types': __, ...policy } = POLICY;
const DEVELOPMENT_POLICY = policyText({
  ...policy,
  'script-src': "'self' 'unsafe-inline' 'wasm-unsafe-eval'",
  'connect-src': "'self' https: ws:",
});

/** The policy is set per file, by the plugin below. */
const { 'Content-Security-Policy': ___, ...PREVIEW_HEADERS } = SECURITY_HEADERS;

/** `workers/blk_virt/main.ts` becomes `assets/blk_virt-<hash>.js`: the network panel shows which program is which. */
function workerName({ facadeModuleId }: { facadeModuleId?: string | null }): string {
  const image = facadeModuleId?.endsWith('/main.ts') ? basename(dirname(facadeModuleId)) : '[name]';
  return `assets/${image}-[hash].js`;
}

/** Files with a hash in their name never change: `vite preview` says so, and static hosts find it in a file. */
function hosting(): Plugin {
  return {
    name: 'hosting',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, response, next) => {
        const path = request.url?.split('?')[0] ?? '';
        const hashed = /\/assets\/[^/]+-[\w-]{8}\.\w+$/.test(path);
        response.setHeader('Content-Security-Policy', isLan(path) ? LAN_POLICY : policyText(POLICY));
        response.setHeader('Cache-Control', hashed ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
        next();
      });
    },
    generateBundle() {
      const lines = Object.entries(SECURITY_HEADERS).map(([name, value]) => `  ${name}: ${value}\n`);
      const source = `/*\n${lines.join('')}/assets/*\n  Cache-Control: public, max-age=${YEAR_S}, immutable\n`;
      // Netlify and Cloudflare Pages read this file.
      this.emitFile({ type: 'asset', fileName: '_headers', source });
    },
  };
}

function publicFiles(): string[] {
  const all = readdirSync('public', { recursive: true, withFileTypes: true });
  const paths = all
    .filter((entry) => entry.isFile())
    .map((entry) => relative('public', join(entry.parentPath, entry.name)));
  return paths.map((path) => path.replaceAll('\\', '/'));
}

/** Tells the service worker which files make up this build. */
function offline(): Plugin {
  return {
    name: 'offline',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = Object.keys(bundle).filter(
          (name) => !/^(service_worker\.js|_headers|index\.html)$|\.map$/.test(name),
        );
        const page = bundle['index.html'];
        const hash = createHash('sha256').update(files.sort().join('\n'));
        if (page?.type === 'asset') hash.update(page.source);
        const build = JSON.stringify({
          id: hash.digest('hex').slice(0, 12),
          files: ['./', ...files, ...publicFiles()],
        });
        const worker = bundle['service_worker.js'];
        if (worker?.type !== 'chunk') throw new Error('The build has no service worker.');
        // It is a classic script: what it shares with the page must be types.
        if (worker.imports.length > 0) throw new Error(`The service worker imports ${worker.imports.join(', ')}.`);
        worker.code = worker.code.replace(/(["'`])__BUILD__\1/, () => JSON.stringify(build));
      },
    },
  };
}

export default defineConfig({
  base: './',
  // One page: a path with nothing there is not found, rather than that page.
  appType: 'mpa',
  plugins: [react(), hosting(), offline()],
  build: {
    target: 'es2022',
    // data: URLs would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      checks: { pluginTimings: false },
      input: { index: 'index.html', service_worker: 'src/offline/service_worker.ts' },
      output: {
        entryFileNames: ({ name }) => (name === 'service_worker' ? 'service_worker.js' : 'assets/[name]-[hash].js'),
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ },
            { name: 'xterm', test: /node_modules[\\/]@xterm[\\/](xterm|addon-fit)[\\/]/ },
          ],
        },
      },
    },
  },
  worker: {
    format: 'es',
    rolldownOptions: { output: { entryFileNames: workerName, chunkFileNames: 'assets/[name]-[hash].js' } },
  },
  server: { headers: { ...ISOLATION_HEADERS, 'Content-Security-Policy': DEVELOPMENT_POLICY } },
  // Named here too: otherwise the preview server takes those of the development server.
  preview: { headers: PREVIEW_HEADERS },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'workers/**/*.test.ts', 'e2e/{sim,net}/**/*.test.ts'],
    exclude: ['node_modules/**'],
    pool: 'threads',
    // The main thread has little to do: by itself one processor would be kept for it.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    slowTestThreshold: 5_000,
  },
});
