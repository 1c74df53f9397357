/** The response headers that the page needs, once: the preview server, the list for static hosts and the service worker send these. */

/** Without all three there is no SharedArrayBuffer, on the page or in its workers. */
export const ISOLATION_HEADERS = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** [CSP3], [TRUSTED-TYPES]. A worker takes its policy from its own response, so this goes with scripts too. */
export const POLICY = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'worker-src': "'self'",
  'connect-src': "'self'",
  // xterm.js writes its theme and cell sizes into style elements of its own; it takes no nonce. Scripts are never inline.
  'style-src': "'self' 'unsafe-inline'",
  // A picture on the mounted disk is shown from a blob: URL of this page.
  'img-src': "'self' blob:",
  'font-src': "'self'",
  'manifest-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  // The one policy is made in src/page/trusted_types.ts: it lets through scripts of this origin and nothing else.
  'require-trusted-types-for': "'script'",
  'trusted-types': 'default',
} as const;

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  ...ISOLATION_HEADERS,
  'Content-Security-Policy': policyText(POLICY),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

export function policyText(policy: Readonly<Record<string, string>>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}
