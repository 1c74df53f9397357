/**
 * Whether this page may share memory between threads. Where the host sends no isolation headers, the service worker stands in for it
 * after one reload. A mark kept for the session before that reload, and taken away only on an isolated page, makes it one at most.
 */
import { serviceWorkerActive } from './offline';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What to think of, where it is not ok. */
  readonly note?: string;
  /** What was seen: `https`, `SecurityError`. */
  readonly value: string;
}

export type Isolation = { readonly isolated: true } | { readonly isolated: false; readonly checks: readonly Check[] };

/** What is looked at and done, so that tests can bring their own. */
export interface Surroundings {
  readonly isolated: boolean;
  readonly secure: boolean;
  readonly protocol: string;
  readonly framed: boolean;
  readonly userAgent: string;
  /** WebAssembly, module workers and Atomics.waitAsync. */
  readonly capable: boolean;
  /** The session's storage; the getter throws where the browser forbids it. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  /** Fulfilled once the service worker is active; absent where there are none. */
  readonly standIn: (() => Promise<void>) | undefined;
  reload(): void;
}

const MARK = 'vmfs reloaded for isolation';

/** Never fulfilled when the page reloads itself: it is on its way out. */
export async function ensureIsolation(here: Surroundings = browser()): Promise<Isolation> {
  if (here.isolated && here.capable) {
    forgetReload(here);
    return { isolated: true };
  }
  const obstacle = here.isolated ? undefined : await standInObstacle(here);
  if (obstacle === undefined && !here.isolated) {
    here.reload();
    return new Promise(() => {});
  }
  return { isolated: false, checks: checks(here, obstacle) };
}

interface Obstacle {
  readonly value: string;
  readonly note: string;
}

/** Starts the service worker and marks the reload to come; what stands in the way of that, if anything does. */
async function standInObstacle(here: Surroundings): Promise<Obstacle | undefined> {
  if (!here.capable) return { value: 'not tried', note: 'this browser lacks more than headers' };
  if (here.framed) return { value: 'not tried', note: 'it cannot help in a frame' };
  if (!here.standIn) return { value: 'not offered', note: 'needs a secure address, and no private window' };
  try {
    if (here.storage.getItem(MARK) !== null)
      return { value: 'no effect', note: 'the page was reloaded once to use it' };
    await here.standIn();
    here.storage.setItem(MARK, '1');
    return undefined;
  } catch (error) {
    return { value: error instanceof Error ? error.name : String(error), note: 'blocked in private windows' };
  }
}

/** A page that is isolated reloads nothing, so the next one that is not (after a forced reload, say) may try once more. */
function forgetReload(here: Surroundings): void {
  try {
    here.storage.removeItem(MARK);
  } catch {
    // No storage, so there is no mark either.
  }
}

function checks(here: Surroundings, obstacle: Obstacle | undefined): Check[] {
  const check = (name: string, ok: boolean, value: string, note: string): Check =>
    ok ? { name, ok, value } : { name, ok, value, note };
  return [
    check('Secure address', here.secure, here.protocol.replace(':', ''), 'https or localhost is needed'),
    check('Cross-origin isolation', here.isolated, `crossOriginIsolated = ${here.isolated}`, 'two headers are missing'),
    check('WebAssembly and module workers', here.capable, here.capable ? 'yes' : 'no', 'a newer browser is needed'),
    check('Service worker stand-in', !obstacle, obstacle?.value ?? 'not needed', obstacle?.note ?? ''),
    check('Browser', true, browserName(here.userAgent), ''),
  ];
}

const BROWSERS = [
  ['Edge', /\bEdg\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Firefox', /\bFirefox\/(\d+)/],
  ['Chrome', /\bChrome\/(\d+)/],
  ['Safari', /\bVersion\/([\d.]+).*\bSafari\//],
] as const;

export function browserName(userAgent: string): string {
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version) return `${name} ${version}`;
  }
  return 'unknown';
}

function browser(): Surroundings {
  return {
    isolated: window.crossOriginIsolated === true,
    secure: window.isSecureContext,
    protocol: location.protocol,
    framed: window.top !== window,
    userAgent: navigator.userAgent,
    capable: typeof WebAssembly === 'object' && 'waitAsync' in Atomics && moduleWorkers(),
    get storage() {
      return sessionStorage;
    },
    standIn: 'serviceWorker' in navigator ? serviceWorkerActive : undefined,
    reload: () => location.reload(),
  };
}

/** A browser that knows module workers reads `type`; throwing there means that no worker is made. */
function moduleWorkers(): boolean {
  let known = false;
  const options = {
    get type(): WorkerType {
      known = true;
      throw new Error('only asking');
    },
  };
  try {
    Reflect.construct(Worker, ['', options]).terminate();
  } catch {
    // As intended, where `known`.
  }
  return known;
}
