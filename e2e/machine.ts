/** The running system as a test sees it: the page's automation handle, and a watch over what must not happen. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page, type Request } from '@playwright/test';
import type { LionsOs } from '../src/page/lionsos';
import { inFolder } from './images';

export interface SeenResponse {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

declare global {
  interface Window {
    /** Kept by this fixture, before any script of the page runs. */
    policyViolations: string[];
  }
}

/** Frames without a notification after which the system counts as idle. */
const QUIET_FRAMES = 30;

export class Machine {
  /** Of the page and of its workers. */
  readonly errors: string[] = [];
  readonly foreignRequests: string[] = [];
  /** What the page and its workers loaded before the prompt. */
  responses: SeenResponse[] = [];
  /** By address, each with the time when its answer began. */
  readonly #loaded = new Map<string, { readonly at: number; readonly headers: Readonly<Record<string, string>> }>();

  constructor(
    readonly page: Page,
    readonly url: URL,
  ) {}

  async watch(): Promise<void> {
    const { page } = this;
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('crash', () => this.errors.push('the page crashed'));
    page.context().on('request', (request) => this.#requested(request));
    page.context().on('response', (response) => {
      this.#loaded.set(response.url(), { at: Date.now(), headers: response.headers() });
    });
    await page.addInitScript(() => {
      window.policyViolations = [];
      document.addEventListener(
        'securitypolicyviolation',
        ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
          window.policyViolations.push(`${violatedDirective}: ${blockedURI} at ${sourceFile}:${lineNumber}`);
        },
      );
    });
  }

  async open(): Promise<void> {
    await this.page.goto(this.url.href);
    await this.ready();
    const promptAt = await this.page.evaluate(
      () => performance.timeOrigin + performance.getEntriesByName('vmfs-prompt')[0]!.startTime,
    );
    const before = [...this.#loaded].filter(([, { at }]) => at <= promptAt);
    this.responses = await Promise.all(before.map(([url, { headers }]) => again(url, headers)));
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** Until the prompt is there. Survives a page that reloads itself meanwhile; fails at once when the page says that it cannot start. */
  async ready(): Promise<void> {
    let refusal: string | undefined;
    await expect(async () => {
      await this.page.waitForLoadState();
      refusal = await this.page.evaluate(async () => {
        // The handle is made by a module script, which may come after `load`.
        for (let frame = 0; !window.lionsos; frame++) {
          if (frame > 600) throw new Error('There is no window.lionsos.');
          await new Promise(requestAnimationFrame);
        }
        return window.lionsos.ready.then(
          () => undefined,
          (error) => String(error),
        );
      });
    }).toPass({ timeout: 60_000 });
    expect(refusal, 'why the system did not start').toBeUndefined();
  }

  send(text: string): Promise<void> {
    return this.page.evaluate((keys) => window.lionsos.send(keys), text);
  }

  screen(): Promise<string> {
    return this.page.evaluate(() => window.lionsos.screen());
  }

  async waitFor(text: string | RegExp, timeoutMs = 30_000): Promise<void> {
    await this.page.evaluate(([wanted, timeoutMs]) => window.lionsos.waitFor(wanted, { timeoutMs }).then(() => {}), [
      text,
      timeoutMs,
    ] as const);
  }

  /** What the Python program printed; rejects with its traceback. */
  run(python: string): Promise<string> {
    return this.page.evaluate((source) => window.lionsos.run(source), python);
  }

  list(): ReturnType<LionsOs['pd']['list']> {
    return this.page.evaluate(() => window.lionsos.pd.list());
  }

  kill(name: string): Promise<void> {
    return this.page.evaluate((domain) => window.lionsos.pd.kill(domain), name);
  }

  mount(): ReturnType<LionsOs['mount']> {
    return this.page.evaluate(() => window.lionsos.mount());
  }

  /** The whole disk. It travels as a download: hundreds of megabytes through the debugger would take minutes. */
  async export(): Promise<Buffer> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.evaluate(async () => {
        const link = document.createElement('a');
        const bytes = await window.lionsos.disk.export();
        link.href = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
        link.download = 'disk.img';
        link.click();
      }),
    ]);
    return readFileSync(await download.path());
  }

  /** Replaces the disk and waits for the system that runs on it. */
  async import(image: Uint8Array): Promise<void> {
    const input = await this.page.evaluateHandle(() => document.createElement('input'));
    await input.evaluate((element) => {
      element.type = 'file';
    });
    await inFolder(async (folder) => {
      const file = join(folder, 'disk.img');
      writeFileSync(file, image);
      await input.asElement()!.setInputFiles(file);
      await input
        .evaluate(async (element) => {
          const bytes = new Uint8Array(await element.files![0]!.arrayBuffer());
          await window.lionsos.disk.import(bytes);
        })
        // The page may start the new system by reloading itself.
        .catch((error: Error) => {
          if (!/context was destroyed|navigation/i.test(error.message)) throw error;
        });
    });
    await this.ready();
  }

  /** Until no domain has been notified for a while: nothing is under way any more. */
  async settled(): Promise<void> {
    await this.page.evaluate(async (quietFrames) => {
      const count = async () => (await window.lionsos.pd.list()).map(({ notifications }) => notifications).join();
      for (let quiet = 0, before = ''; quiet < quietFrames; quiet++) {
        const now = await count();
        if (now !== before) quiet = 0;
        before = now;
        await new Promise(requestAnimationFrame);
      }
    }, QUIET_FRAMES);
  }

  /** Domains that ended by an error of their own; none where a test has left the page. */
  faulted(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const list = 'lionsos' in window ? await window.lionsos.pd.list() : [];
      return list.filter(({ state }) => state === 'faulted').map(({ name }) => name);
    });
  }

  violations(): Promise<string[]> {
    return this.page.evaluate(() => window.policyViolations);
  }

  #requested(request: Request): void {
    const { origin, protocol } = new URL(request.url());
    if (protocol === 'blob:' || protocol === 'data:') return;
    if (origin !== this.url.origin) this.foreignRequests.push(request.url());
  }
}

/** The body is asked for a second time: the debugger does not keep those of workers. */
async function again(url: string, headers: Readonly<Record<string, string>>): Promise<SeenResponse> {
  const response = await fetch(url);
  return { url, headers, body: Buffer.from(await response.arrayBuffer()) };
}
