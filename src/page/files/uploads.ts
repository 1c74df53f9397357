/**
 * Uploads, one after the other. A file that fails or has to ask stands aside with its reason while the others go on; a folder is one row,
 * and those of its files that fail or ask are rows of their own.
 */
import { bytesWords } from '../storage_words';
import type { Given } from './dropped_tree';
import { errnoOf, sentence } from './errors';
import { nameProblem } from './names';
import { join, nameOf } from './paths';
import { Rate } from './rate';
import { type Batch, type Item, uploadRows } from './upload_rows';
import { freePath, type Volume } from './volume';
import type { Choice, WorkRow } from './work_rows';

const CANCELLED = new Error('Cancelled.');
const LARGEST = 2 ** 32 - 1;

/** Stands in the row as it is. */
class Refused extends Error {
  constructor(
    why: string,
    /** Whether another try may go better. */
    readonly retry: boolean,
  ) {
    super(why);
  }
}

export interface UploadHost {
  readonly volume: Pick<Volume, 'kind' | 'mkdir' | 'space' | 'write'>;
  /** Milliseconds from anywhere on. */
  now(): number;
  nextFrame(): Promise<unknown>;
  /** Something is on the disk under this path that was not there before. */
  changed(path: string): void;
}

export class Uploads {
  state: readonly WorkRow[] = [];
  readonly #host: UploadHost;
  readonly #listeners = new Set<() => void>();
  #items: Item[] = [];
  #running = false;
  #controller: AbortController | undefined;
  #keys = 0;
  #stale = false;

  constructor(host: UploadHost) {
    this.#host = host;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Puts it all into `folder`. */
  add(folder: string, { files, folders }: Given): void {
    const batch: Batch = { answer: undefined, done: new Map() };
    const item = (path: string, contents: Blob | undefined): Item => ({
      key: ++this.#keys,
      batch,
      root: folder,
      top: path.split('/')[0]!,
      path,
      contents,
      state: { is: 'waiting' },
    });
    this.#items.push(...folders.map((path) => item(path, undefined)));
    this.#items.push(...files.map(({ path, contents }) => item(path, contents)));
    this.#changed();
    void this.#run();
  }

  /** Everything that a row stands for; what runs is stopped and leaves nothing behind. */
  drop(items: ReadonlySet<Item>): void {
    this.#items = this.#items.filter((item) => {
      if (!items.has(item)) return true;
      if (item.state.is === 'running') this.#controller?.abort(CANCELLED);
      return false;
    });
    this.#changed();
  }

  retry(item: Item): void {
    // A folder that was refused kept what belongs into it.
    const isBelow = (other: Item) => other.batch === item.batch && other.path.startsWith(`${item.path}/`);
    for (const one of [item, ...this.#items.filter(isBelow)])
      if (one.state.is === 'failed' || one.state.is === 'held') one.state = { is: 'waiting' };
    this.#changed();
    void this.#run();
  }

  answer(item: Item, choice: Choice, forAll: boolean): void {
    if (forAll) item.batch.answer = choice;
    const asking = ({ batch, state }: Item) => batch === item.batch && state.is === 'asking';
    for (const one of forAll ? this.#items.filter(asking) : [item]) {
      one.answer = choice;
      one.state = { is: 'waiting' };
    }
    this.#changed();
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (;;) {
      const item = this.#items.find(({ state }) => state.is === 'waiting');
      if (!item) break;
      await this.#upload(item);
      this.#changed();
    }
    this.#running = false;
  }

  async #upload(item: Item): Promise<void> {
    const controller = new AbortController();
    this.#controller = controller;
    item.state = { is: 'running', done: 0, rate: new Rate() };
    this.#changed();
    try {
      const problem = nameProblem(nameOf(item.path));
      if (problem !== undefined) throw new Refused(problem, false);
      if (item.contents) await this.#file(item, item.contents, controller.signal);
      else await this.#folder(item);
    } catch (error) {
      this.#failed(item, error);
    }
  }

  /** A folder that is there already takes what is new. */
  async #folder(item: Item): Promise<void> {
    const path = join(item.root, item.path);
    const there = await this.#host.volume.kind(path);
    if (there === 'file') throw new Refused('A file of that name is in the way: rename one of the two.', true);
    if (there === undefined) await this.#host.volume.mkdir(path);
    this.#done(item);
  }

  async #file(item: Item, contents: Blob, signal: AbortSignal): Promise<void> {
    const { volume, now } = this.#host;
    const target = await this.#target(item);
    if (target === undefined) return;
    if (contents.size > LARGEST) throw new Refused('FAT holds files of up to 4 GiB less one byte.', false);
    const { free } = await volume.space();
    if (contents.size > free)
      throw new Refused(`does not fit: ${bytesWords(contents.size)}, ${bytesWords(free)} free`, true);
    const progress = (bytes: number) => {
      if (item.state.is !== 'running') return;
      item.state.rate.saw(bytes, now());
      item.state = { ...item.state, done: bytes };
      this.#changed();
    };
    if (item.state.is === 'running') item.state.rate.saw(0, now());
    const { path, replaces } = target;
    try {
      await volume.write(path, contents, { progress, signal, replaces });
      this.#done(item);
    } catch (error) {
      if (replaces || errnoOf(error) !== 'EEXIST') throw error;
      // Somebody else made one of that name meanwhile.
      item.state = { is: 'asking', there: 'file' };
    }
  }

  /** Where it goes; undefined when that has to be asked first, or the answer is nowhere. */
  async #target(item: Item): Promise<{ path: string; replaces: boolean } | undefined> {
    const path = join(item.root, item.path);
    const there = await this.#host.volume.kind(path);
    if (there === undefined) return { path, replaces: false };
    const answer = item.answer ?? item.batch.answer;
    if (answer === 'skip') {
      this.#done(item);
      return undefined;
    }
    if (answer === 'replace' && there === 'file') return { path, replaces: true };
    if (answer === 'both') return { path: await freePath(this.#host.volume, path), replaces: false };
    item.state = { is: 'asking', there };
    return undefined;
  }

  #done(item: Item): void {
    this.#items = this.#items.filter((other) => other !== item);
    this.#host.changed(join(item.root, item.path));
    const sums = item.batch.done.get(item.top) ?? { files: 0, bytes: 0 };
    if (item.contents) item.batch.done.set(item.top, { files: sums.files + 1, bytes: sums.bytes + item.contents.size });
  }

  #failed(item: Item, error: unknown): void {
    // Cancelled: it is not among the items any more.
    if (error === CANCELLED) return;
    const isRefused = error instanceof Refused;
    item.state = {
      is: 'failed',
      why: isRefused ? error.message : sentence(error),
      retry: isRefused ? error.retry : !/^(EINVAL|ENAMETOOLONG|EFBIG)$/.test(errnoOf(error) ?? ''),
    };
    if (item.contents) return;
    for (const below of this.#items)
      if (below.batch === item.batch && below.path.startsWith(`${item.path}/`)) below.state = { is: 'held' };
  }

  /** A thousand small files would draw the rows thousands of times. */
  #changed(): void {
    if (this.#stale) return;
    this.#stale = true;
    void this.#host.nextFrame().then(() => {
      this.#stale = false;
      this.state = uploadRows(this.#items, this);
      for (const listener of this.#listeners) listener();
    });
  }
}
