/**
 * Pages of the guest's web server, under `guest/` of the page's own address. A request goes to the tab that runs the machine, whose mark is in
 * the path (`guest/~k3f9/index.html`; without one any tab will do), and from there to port 80 of the guest.
 *
 * What a program in the guest serves must not become part of this page, although it comes from the same origin: it is given a policy that runs
 * no scripts at all, and it is never a script, a worker or an object of this origin. It keeps the origin otherwise, because a browser sends
 * nothing that a document without one asks for (a picture, a style sheet, the next page) past the service worker, so only single files would work.
 */
import type { ForGuest, GuestHead, GuestRequest } from '../protocol/lan';
import { GuestError, guestResponse } from './guest_fetch';
import { GUEST_HEADERS } from './headers';

/** A tab that is asleep does not even say no. */
const ANSWER_MS = 5000;
/** A document without scripts has no use for these. */
const REFUSED = /^(script|worker|sharedworker|serviceworker|object|embed|audioworklet|paintworklet|manifest)$/;
/** Of what the guest says about its answer, this is passed on; the rest could change more than the answer. */
const PASSED = ['content-type', 'content-language', 'content-disposition', 'cache-control', 'etag', 'last-modified'];

interface Tab {
  readonly url: string;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

interface Surroundings {
  /** Of the page, with a slash at the end. */
  readonly scope: string;
  readonly tabs: () => Promise<readonly Tab[]>;
  readonly later: (ms: number) => Promise<void>;
}

export interface Place {
  readonly mark: string | undefined;
  /** As the guest sees it, with its query. */
  readonly path: string;
  /** Of the place, without a slash at the end. */
  readonly root: string;
}

/** Where in the guest an address is; undefined for one of the page itself. */
export function guestPlace(scope: string, address: string): Place | undefined {
  const root = `${scope}guest`;
  if (address !== root && !address.startsWith(`${root}/`)) return undefined;
  const [, mark, path = ''] = /^(?:\/~([\w-]{1,40}))?(\/[^#]*)?/.exec(address.slice(root.length)) ?? [];
  return { mark, path: path || '/', root: mark === undefined ? root : `${root}/~${mark}` };
}

/** Answers a request for a page of the guest; always fulfilled: what went wrong is a page too. */
export async function guestPage(request: Request, place: Place, around: Surroundings): Promise<Response> {
  // A path without its slash at the end of the place's root: relative links would leave it.
  if (request.url.replace(/[?#].*$/, '') === place.root) return redirect(`${place.root}/`);
  if (REFUSED.test(request.destination)) return told(403, 'A page of the guest runs no scripts.');
  try {
    const wanted = await wantedOf(request, place.path);
    const port = await reach({ guest: wanted, mark: place.mark }, around);
    return await guestResponse(port, (head) => presented(head, place));
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    return told(502, error.message, error.failure.kind === 'refused');
  }
}

async function wantedOf(request: Request, path: string): Promise<GuestRequest> {
  const body = new Uint8Array(await request.arrayBuffer());
  const fields = [...request.headers];
  return { method: request.method, path, fields, ...(body.length > 0 ? { body } : {}) };
}

/** What a page of the guest asks for by an absolute path: the browser looks for it outside the guest's place, and it is in there. */
export function fromGuest(request: Request, from: Place, around: Surroundings): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const path = pathname + search;
  if (request.mode !== 'navigate') return guestPage(request, { ...from, path }, around);
  // With its method and body.
  return Promise.resolve(
    new Response(null, { status: 307, headers: { ...GUEST_HEADERS, Location: from.root + path } }),
  );
}

/** A port to the lan of the machine that is meant. Without a mark, tabs are asked in turn: only one may take the request. */
async function reach(wanted: ForGuest, { scope, tabs, later }: Surroundings): Promise<MessagePort> {
  const all = (await tabs()).filter(({ url }) => url.startsWith(scope) && !guestPlace(scope, url));
  const groups = wanted.mark === undefined ? all.map((tab) => [tab]) : [all];
  for (const group of groups) {
    const taken = await Promise.race([firstOf(group.map((tab) => ask(tab, wanted))), later(ANSWER_MS)]);
    if (taken) return taken;
  }
  const message =
    wanted.mark === undefined
      ? 'No tab runs the machine: open the page first.'
      : 'The tab that ran this machine is closed or was loaded again: open the view "Web" there.';
  throw new GuestError({ kind: 'away', message });
}

function ask(tab: Tab, wanted: ForGuest): Promise<MessagePort | undefined> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    // The answer's listener takes this one's place before another message can come: only promises lie between.
    port1.onmessage = ({ data }) => {
      resolve(data === 'mine' ? port1 : undefined);
    };
    tab.postMessage(wanted, [port2]);
  });
}

/** The first that is one; undefined when none is. */
function firstOf<T>(all: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  return new Promise((resolve) => {
    for (const one of all) one.then((value) => value !== undefined && resolve(value));
    void Promise.all(all).then(() => resolve(undefined));
  });
}

function presented({ status, reason, fields }: GuestHead, { root }: Place): ResponseInit {
  const headers = new Headers(GUEST_HEADERS);
  for (const [name, value] of fields) if (PASSED.includes(name)) headers.set(name, value);
  // A path from the guest's root is one from the place's.
  const location = fields.find(([name]) => name === 'location')?.[1];
  if (location !== undefined)
    headers.set('Location', location.replace(/^(http:\/\/10\.0\.2\.15)?\/(?!\/)/, `${root}/`));
  return {
    status: status >= 200 && status <= 599 ? status : 502,
    statusText: /^[\t\x20-\x7e]*$/.test(reason) ? reason : '',
    headers,
  };
}

const redirect = (to: string) => new Response(null, { status: 302, headers: { ...GUEST_HEADERS, Location: to } });

const escaped = (text: string) => text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char]!);

const HOW = `<p>Type this at the prompt of MicroPython, and load this page again:</p>
<pre>import socket
s = socket.socket()
s.bind(('0.0.0.0', 80))
s.listen(1)
c, address = s.accept()
c.recv(1000)
c.write('HTTP/1.0 200 OK\\r\\n\\r\\nHello')
c.close()</pre>`;

function told(status: number, sentence: string, withHow = false): Response {
  const page = `<!doctype html>
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>No answer from the guest</title>
<style>body { font: 15px/1.6 system-ui, sans-serif; max-width: 36em; margin: 2em auto; padding: 0 1em } pre { padding: .8em; border: 1px solid #8886 }</style>
<h1 style="font-size: 19px">No answer from the guest</h1>
<p>${escaped(sentence)}</p>
${withHow ? HOW : ''}
`;
  const headers = { ...GUEST_HEADERS, 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' };
  return new Response(page, { status, headers });
}
