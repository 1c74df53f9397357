/** Page loads on hosts of every kind, with a browser made of one object: how often does the page reload itself, and what does it say? */
import { describe, expect, test } from 'vitest';
import { browserName, ensureIsolation, type Isolation, type Surroundings } from './isolation';

interface Host {
  /** The host itself sends the headers. */
  readonly headers?: boolean;
  /** What starting the service worker does; `works` isolates the loads that follow. */
  readonly standIn?: 'works' | 'does nothing' | 'is refused' | 'is absent';
  readonly storage?: 'works' | 'cannot be reached' | 'cannot be written';
  readonly framed?: boolean;
  readonly capable?: boolean;
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';

class FakeBrowser {
  loads = 0;
  #serviceWorker = false;
  readonly #kept = new Map<string, string>();

  constructor(readonly host: Host) {}

  /** Loads the page, and again as long as it reloads itself; `forced` loads past the service worker, as with Shift. */
  async visit(forced = false): Promise<Isolation> {
    for (let first = true; this.loads < 10; first = false) {
      this.loads++;
      let reloads = false;
      const isolation = ensureIsolation(this.#surroundings(forced && first, () => (reloads = true)));
      const settled = await Promise.race([isolation, macrotask()]);
      if (settled) return settled;
      expect(reloads).toBe(true);
    }
    throw new Error('the page reloads for ever');
  }

  #surroundings(forced: boolean, reload: () => void): Surroundings {
    const { headers = false, standIn = 'works', storage = 'works', framed = false, capable = true } = this.host;
    const kept = this.#kept;
    return {
      isolated: headers || (this.#serviceWorker && !forced),
      secure: true,
      protocol: 'https:',
      framed,
      userAgent: FIREFOX,
      capable,
      get storage() {
        if (storage === 'cannot be reached') throw new DOMException('no', 'SecurityError');
        return {
          getItem: (key: string) => kept.get(key) ?? null,
          setItem: (key: string, value: string) => {
            if (storage === 'cannot be written') throw new DOMException('no', 'QuotaExceededError');
            kept.set(key, value);
          },
          removeItem: (key: string) => void kept.delete(key),
        };
      },
      standIn:
        standIn === 'is absent'
          ? undefined
          : async () => {
              if (standIn === 'is refused') throw new DOMException('no', 'SecurityError');
              this.#serviceWorker = standIn === 'works';
            },
      reload,
    };
  }
}

/** Longer than any chain of promises that a settled answer takes. */
const macrotask = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)));

async function visit(host: Host) {
  const browser = new FakeBrowser(host);
  const isolation = await browser.visit();
  const failed = isolation.isolated
    ? []
    : isolation.checks.filter(({ ok }) => !ok).map(({ name, value }) => `${name}: ${value}`);
  return { browser, isolated: isolation.isolated, loads: browser.loads, failed };
}

const NOT_ISOLATED = 'Cross-origin isolation: crossOriginIsolated = false';

describe('isolation', () => {
  test('a host that sends the headers needs one load', async () => {
    expect(await visit({ headers: true })).toMatchObject({ isolated: true, loads: 1 });
  });

  test('on a host without headers the service worker stands in after one reload, and from then on at once', async () => {
    const { browser, isolated } = await visit({});
    expect([isolated, browser.loads]).toEqual([true, 2]);
    expect([(await browser.visit()).isolated, browser.loads]).toEqual([true, 3]);
  });

  test('a forced reload passes by the service worker; one more load brings it back, every time', async () => {
    const { browser } = await visit({});
    for (const loads of [4, 6, 8]) {
      expect([(await browser.visit(true)).isolated, browser.loads]).toEqual([true, loads]);
    }
  });

  test('a service worker without effect costs one reload and then is reported, however often one tries again', async () => {
    const { browser, isolated, loads, failed } = await visit({ standIn: 'does nothing' });
    expect({ isolated, loads }).toEqual({ isolated: false, loads: 2 });
    expect(failed).toEqual([NOT_ISOLATED, 'Service worker stand-in: no effect']);
    await browser.visit();
    await browser.visit();
    expect(browser.loads).toBe(4);
  });

  test.each<[string, Host, string]>([
    ['refuses service workers', { standIn: 'is refused' }, 'SecurityError'],
    ['has no service workers', { standIn: 'is absent' }, 'not offered'],
    ['forbids storage', { storage: 'cannot be reached' }, 'SecurityError'],
    ['cannot keep the mark of the reload', { storage: 'cannot be written' }, 'QuotaExceededError'],
    ['shows the page in a frame', { framed: true }, 'not tried'],
    ['is too old as well', { capable: false }, 'not tried'],
  ])('a browser that %s never reloads the page', async (_, host, reason) => {
    const { isolated, loads, failed } = await visit(host);
    expect({ isolated, loads }).toEqual({ isolated: false, loads: 1 });
    const tooOld = host.capable === false ? ['WebAssembly and module workers: no'] : [];
    expect(failed).toEqual([NOT_ISOLATED, ...tooOld, `Service worker stand-in: ${reason}`]);
  });

  test('an isolated page in a browser that lacks more is explained, not reloaded', async () => {
    const { isolated, loads, failed } = await visit({ headers: true, capable: false });
    expect({ isolated, loads }).toEqual({ isolated: false, loads: 1 });
    expect(failed).toEqual(['WebAssembly and module workers: no']);
  });

  test('an isolated page without storage runs', async () => {
    expect(await visit({ headers: true, storage: 'cannot be reached' })).toMatchObject({ isolated: true, loads: 1 });
  });

  test('the explanation names what was looked at', async () => {
    const isolation = await new FakeBrowser({ standIn: 'is refused' }).visit();
    expect(isolation).toEqual({
      isolated: false,
      checks: [
        { name: 'Secure address', ok: true, value: 'https' },
        {
          name: 'Cross-origin isolation',
          ok: false,
          value: 'crossOriginIsolated = false',
          note: 'two headers are missing',
        },
        { name: 'WebAssembly and module workers', ok: true, value: 'yes' },
        { name: 'Service worker stand-in', ok: false, value: 'SecurityError', note: 'blocked in private windows' },
        { name: 'Browser', ok: true, value: 'Firefox 153' },
      ],
    });
  });
});

test.each([
  ['Firefox 153', FIREFOX],
  [
    'Chrome 156',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36',
  ],
  ['Edge 156', 'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0'],
  ['Safari 26.1', 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/26.1 Safari/605.1.15'],
  ['unknown', 'curl/8'],
])('%s is told from its user agent', (name, userAgent) => {
  expect(browserName(userAgent)).toBe(name);
});
