/** Which addresses are the guest's, which tab is asked, and what a page of the guest may do. */
import { describe, expect, test } from 'vitest';
import type { ForGuest, FromGuest } from '../protocol/lan';
import { fromGuest, guestPage, guestPlace } from './guest_pages';

const SCOPE = 'https://page.example/sub/';

test.each([
  ['', undefined],
  ['index.html', undefined],
  ['guesthouse/', undefined],
  ['guest', { mark: undefined, path: '/', root: `${SCOPE}guest` }],
  ['guest/a/b?c=1', { mark: undefined, path: '/a/b?c=1', root: `${SCOPE}guest` }],
  ['guest/~k3f9', { mark: 'k3f9', path: '/', root: `${SCOPE}guest/~k3f9` }],
  ['guest/~k3f9/a?b#c', { mark: 'k3f9', path: '/a?b', root: `${SCOPE}guest/~k3f9` }],
])('%j is a place in the guest: %j', (path, place) => {
  expect(guestPlace(SCOPE, SCOPE + path)).toEqual(place);
});

/** A tab with a machine whose guest answers with `answer`. */
function tab(mark: string, answer: readonly FromGuest[], url = SCOPE) {
  const asked: ForGuest[] = [];
  return {
    asked,
    url,
    postMessage(message: unknown, [port]: Transferable[]) {
      const wanted = message as ForGuest;
      const mine = port as MessagePort;
      mine.postMessage(wanted.mark === undefined || wanted.mark === mark ? 'mine' : 'no');
      if (wanted.mark !== undefined && wanted.mark !== mark) return mine.close();
      asked.push(wanted);
      for (const one of answer) mine.postMessage(one);
    },
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);
const HELLO: readonly FromGuest[] = [
  {
    head: {
      status: 200,
      reason: 'OK',
      fields: [
        ['content-type', 'text/html'],
        ['content-security-policy', 'x'],
      ],
    },
  },
  { piece: bytes('Hel') },
  { piece: bytes('lo') },
  { end: true },
];

function open(path: string, tabs: ReturnType<typeof tab>[], init: RequestInit = {}) {
  const request = new Request(SCOPE + path, init);
  const around = { scope: SCOPE, tabs: async () => tabs, later: () => new Promise<void>(() => {}) };
  return guestPage(request, guestPlace(SCOPE, request.url)!, around);
}

describe('a page of the guest', () => {
  test('comes from the tab whose mark it bears, whole, with a policy that runs no scripts', async () => {
    const [other, mine] = [tab('aaaa', []), tab('bbbb', HELLO)];
    const response = await open('guest/~bbbb/x?y', [other, mine], { method: 'POST', body: 'z' });
    expect([await response.text(), other.asked.length]).toEqual(['Hello', 0]);
    expect(mine.asked[0]!.guest).toMatchObject({ method: 'POST', path: '/x?y', body: bytes('z') });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'content-security-policy': expect.stringMatching(/script-src 'none'.*sandbox allow-same-origin allow-forms$/),
    });
    expect(response.headers.get('content-security-policy')).not.toContain('allow-scripts');
  });

  test('without a mark comes from one tab only, and never from a page of the guest itself', async () => {
    const tabs = [tab('a', [], `${SCOPE}guest/`), tab('b', HELLO), tab('c', HELLO)];
    expect(await (await open('guest/', tabs)).text()).toBe('Hello');
    expect(tabs.map(({ asked }) => asked.length)).toEqual([0, 1, 0]);
  });

  test('redirects within the guest', async () => {
    const moved = (location: string): FromGuest[] => [
      { head: { status: 302, reason: 'Found', fields: [['location', location]] } },
      { end: true },
    ];
    const locationOf = async (location: string) =>
      (await open('guest/~b/', [tab('b', moved(location))])).headers.get('location');
    expect(await locationOf('/next')).toBe(`${SCOPE}guest/~b/next`);
    expect(await locationOf('http://10.0.2.15/next')).toBe(`${SCOPE}guest/~b/next`);
    expect(await locationOf('next')).toBe('next');
    expect((await open('guest/~b', [tab('b', HELLO)])).headers.get('location')).toBe(`${SCOPE}guest/~b/`);
  });

  test('links to absolute paths are found in the guest', async () => {
    const from = guestPlace(SCOPE, `${SCOPE}guest/~b/x`)!;
    const mine = tab('b', HELLO);
    const around = { scope: SCOPE, tabs: async () => [mine], later: () => new Promise<void>(() => {}) };
    const picture = await fromGuest(new Request('https://page.example/sub/a.png?1'), from, around);
    expect([await picture.text(), mine.asked[0]!.guest.path]).toEqual(['Hello', '/sub/a.png?1']);
  });

  test('that cannot be had is a page that says why, and what to do', async () => {
    const refused: FromGuest = { failure: { kind: 'refused', message: 'Nothing listens <here>.' } };
    const response = await open('guest/~b/', [tab('b', [refused])]);
    const page = await response.text();
    expect(response.status).toBe(502);
    expect(page).toContain('Nothing listens &lt;here&gt;.');
    expect(page).toContain('s.listen(1)');
    expect(await (await open('guest/~x/', [tab('b', HELLO)])).text()).toContain('is closed or was loaded again');
    expect(await (await open('guest/', [])).text()).toContain('open the page first');
  });

  test('that breaks off in the middle does not look whole', async () => {
    const broken: FromGuest = { failure: { kind: 'broken', message: 'It ended early.' } };
    const response = await open('guest/~b/', [tab('b', [...HELLO.slice(0, 2), broken])]);
    await expect(response.text()).rejects.toThrow('It ended early.');
  });
});
