/** What the server sends, and what the browser then refuses. */
import { expect, test } from './fixtures';

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
].join('; ');

test('document, scripts, workers, fonts and wasm all carry the headers; what has a hash never changes', async ({
  machine,
}) => {
  const kinds = [/\/$/, /\/index-.*\.js$/, /\/blk_virt-.*\.js$/, /\.css$/, /\.woff2$/, /\.wasm$/];
  for (const kind of kinds) {
    const response = machine.responses.find(({ url }) => kind.test(url));
    expect(response?.headers, String(kind)).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': POLICY,
      'cache-control': kind.source === '\\/$' ? 'no-cache' : 'public, max-age=31536000, immutable',
    });
  }
});

test.describe('the browser refuses', () => {
  test.use({ expectedErrors: [/./], expectedViolations: [/./] });

  test('markup from a string, code from a string, inline scripts and foreign workers', async ({ machine }) => {
    const refused = await machine.page.evaluate(async () => {
      const attempt = async (action: () => unknown) => {
        try {
          await action();
          return 'allowed';
        } catch (error) {
          return (error as Error).name;
        }
      };
      const inline = () => {
        const script = document.createElement('script');
        script.append('window.inlineRan = true');
        document.head.append(script);
        if (!('inlineRan' in window)) throw new TypeError('it did not run');
      };
      return {
        markup: await attempt(() => (document.createElement('div').innerHTML = '<b>x</b>')),
        text: await attempt(() => window.setTimeout('window.x = 1')),
        inline: await attempt(inline),
        worker: await attempt(() => new Worker('https://example.com/x.js')),
        fetch: await attempt(() => fetch('https://example.com/')),
        blob: await attempt(() => new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])))),
      };
    });
    expect(refused).toEqual({
      markup: 'TypeError',
      text: 'TypeError',
      inline: 'TypeError',
      worker: 'TypeError',
      fetch: 'TypeError',
      blob: 'TypeError',
    });
  });
});
