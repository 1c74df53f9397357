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
  // The view "Web" shows the pages of the guest's web server.
  'frame-src': "'self'",
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

/** A document from the guest's web server, inside this page: everything but scripts, and nothing from elsewhere. [CSP3] */
const GUEST_POLICY = {
  'default-src': "'self' data:",
  'script-src': "'none'",
  'style-src': "'self' 'unsafe-inline'",
  'base-uri': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'self'",
  sandbox: 'allow-same-origin allow-forms',
} as const;

export const GUEST_HEADERS: Readonly<Record<string, string>> = {
  ...ISOLATION_HEADERS,
  'Content-Security-Policy': policyText(GUEST_POLICY),
  // A link to an absolute path is known by the page that it is on.
  'Referrer-Policy': 'same-origin',
};

/** The lan carries requests to other hosts, when the person at the page has switched that on; no other program may. */
export const LAN_POLICY = policyText({ ...POLICY, 'connect-src': "'self' https:" });

/** Of the built program of the lan. */
export const isLan = (path: string): boolean => /\/assets\/lan-[\w-]{8}\.js$/.test(path);

export function policyText(policy: Readonly<Record<string, string>>): string {
  return Object.entries(policy)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ');
}
