/**
 * The service worker: adds the isolation headers for hosts that cannot send them, and keeps a whole build for use without a
 * network. It serves this origin's GET requests only and never changes a body. Under `guest/` it passes requests to the guest's web server.
 */
import { fromGuest, guestPage, guestPlace } from './guest_pages';
import { isLan, LAN_POLICY, SECURITY_HEADERS } from './headers';

declare const self: ServiceWorkerGlobalScope;

interface Build {
  /** Hash over the names of all files. */
  readonly id: string;
  /** Paths relative to the scope. */
  readonly files: readonly string[];
}

/** The build writes the two values in here. */
const BUILD: Build = JSON.parse('__BUILD__');
const PREFIX = `vmfs ${self.registration.scope} `;
const CACHE = `${PREFIX}${BUILD.id}`;

const AROUND = {
  scope: self.registration.scope,
  tabs: () => self.clients.matchAll({ type: 'window', includeUncontrolled: true }),
  later: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

self.addEventListener('install', (event) => {
  event.waitUntil(keepBuild().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(dropOldBuilds().then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const place = guestPlace(self.registration.scope, request.url);
  if (place) return event.respondWith(guestPage(request, place, AROUND));
  const from = guestPlace(self.registration.scope, request.referrer);
  if (from && request.url.startsWith(self.registration.scope))
    return event.respondWith(fromGuest(request, from, AROUND));
  if (request.method !== 'GET' || !request.url.startsWith(self.registration.scope)) return;
  event.respondWith(answer(request).then(withHeaders));
});

/** A file that cannot be had now is fetched when it is asked for: isolation must not depend on having everything. */
async function keepBuild(): Promise<void> {
  const cache = await caches.open(CACHE);
  await Promise.allSettled(BUILD.files.map((file) => cache.add(new Request(file, { cache: 'no-cache' }))));
}

/** The build before stays, for tabs that still run it. */
async function dropOldBuilds(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
}

/** Documents come fresh when there is a network; a file with a hash in its name never changes. */
async function answer(request: Request): Promise<Response> {
  // A part of a disk image: the cache knows whole files only, and would answer with one.
  if (request.headers.has('range')) return fetch(request);
  if (request.mode !== 'navigate') return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
  try {
    return await fetch(request);
  } catch (offline) {
    const page = await caches.match(self.registration.scope, { cacheName: CACHE, ignoreVary: true });
    if (!page) throw offline;
    return page;
  }
}

/** Status 0 is a redirect for the browser to follow: it has no headers to add to. */
function withHeaders(response: Response): Response {
  if (response.status === 0) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) headers.set(name, value);
  if (isLan(new URL(response.url).pathname)) headers.set('Content-Security-Policy', LAN_POLICY);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
