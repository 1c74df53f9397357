/**
 * /dev/vda in pages of 4 KiB: reads are kept, with read-ahead; writes are queued as whole pages and merged, so that the
 * monitor never has to read before it writes. A page in flight is not changed until it is back (stable pages).
 */
import { WHY } from '../../../src/protocol/trace_words';
import type { BlockDevice } from './block_device';
import { Current } from './current';
import { fail } from './errno';
import type { Memory } from './memory';
import { MAX_PAGES, PAGE_SIZE, PagePool } from './page_pool';
import { type PageRange, ReadAhead } from './read_ahead';
import type { Purpose, RequestQueue } from './request_queue';

const SECTORS_PER_PAGE = 8;
/** With this many dirty pages the disk is put to work before anyone asks for a flush. */
const WRITE_BEHIND = 64;

export class PageCache implements BlockDevice {
  readonly length: number;
  readonly readOnly: boolean;
  readonly #pages: number;
  readonly #pool: PagePool;
  readonly #readAhead = new ReadAhead();
  /** By page, for whom and why it was changed. */
  readonly #dirty = new Map<number, { readonly request: number; readonly why: number }>();
  #writesInFlight = 0;
  #readsInFlight = 0;
  #failed = false;
  /** Something was written since the device's own cache was last flushed. */
  #unflushed = false;

  constructor(
    readonly queue: RequestQueue,
    memory: Memory,
    readonly current = new Current(),
    records?: Int32Array,
  ) {
    this.#pages = Math.min(Math.floor(queue.capacity / SECTORS_PER_PAGE), MAX_PAGES);
    this.length = this.#pages * PAGE_SIZE;
    this.readOnly = queue.readOnly;
    this.#pool = new PagePool(memory, records);
  }

  get cachedPages(): number {
    return this.#pool.used;
  }

  sector(number: number, why = 0): Uint8Array {
    const at = (number % SECTORS_PER_PAGE) * 512;
    const page = Math.floor(number / SECTORS_PER_PAGE);
    this.#checkRange(number * 512, 512);
    return this.#uptodate(page, 1, why).subarray(at, at + 512);
  }

  read(offset: number, dest: Uint8Array, why = 0): void {
    this.#checkRange(offset, dest.length);
    const end = offset + dest.length;
    for (let at = offset; at < end; ) {
      const page = Math.floor(at / PAGE_SIZE);
      const within = at % PAGE_SIZE;
      const length = Math.min(PAGE_SIZE - within, end - at);
      const bytes = this.#uptodate(page, Math.ceil(end / PAGE_SIZE) - page, why);
      dest.set(bytes.subarray(within, within + length), at - offset);
      at += length;
      this.#readAhead.readUpTo(Math.ceil(at / PAGE_SIZE));
    }
  }

  write(offset: number, bytes: Uint8Array, why = 0): void {
    if (this.readOnly) fail('EROFS');
    this.#checkRange(offset, bytes.length);
    const end = offset + bytes.length;
    for (let at = offset; at < end; ) {
      const page = Math.floor(at / PAGE_SIZE);
      const within = at % PAGE_SIZE;
      const length = Math.min(PAGE_SIZE - within, end - at);
      const target = length === PAGE_SIZE ? this.#overwritable(page) : this.#stable(page, why | WHY.PART);
      target.set(bytes.subarray(at - offset, at - offset + length), within);
      this.#dirty.set(page, { request: this.current.request, why: why | (this.#dirty.get(page)?.why ?? 0) });
      this.#pool.mark(page, 'dirty', true);
      at += length;
    }
    if (this.#dirty.size >= WRITE_BEHIND) this.#writeBack();
  }

  drain(): void {
    this.#writeBack();
    while (this.#writesInFlight > 0) this.queue.wait();
    this.#report();
  }

  flush(): void {
    this.drain();
    if (this.#unflushed) this.#flushDevice();
    this.#report();
  }

  /** Waits for everything in flight and forgets all pages. */
  drop(): void {
    while (this.#writesInFlight + this.#readsInFlight > 0) this.queue.wait();
    this.#dirty.clear();
    this.#pool.clear();
  }

  /** A failure is told once, to whoever asks next. */
  #report(): void {
    if (!this.#failed) return;
    this.#failed = false;
    fail('EIO', 'vda: a write did not reach the disk');
  }

  #flushDevice(): void {
    let answered = false;
    const done = (ok: boolean) => {
      answered = true;
      this.#failed ||= !ok;
    };
    this.#unflushed = false;
    const purpose = { request: this.current.request, why: 0, asked: 0, ahead: 0 };
    this.queue.submit({ op: 'flush', sector: 0, segments: [], purpose, done });
    while (!answered) this.queue.wait();
  }

  /** The page's bytes as on the disk or newer; `wanted` pages from here will be read too. */
  #uptodate(page: number, wanted: number, why: number): Uint8Array {
    const cached = this.#pool.find(page) !== undefined;
    const more = cached ? this.#readAhead.hit(page) : this.#readAhead.miss(page, wanted);
    if (!cached) this.#take(page);
    const asked = cached ? 0 : wanted;
    if (more) this.#startReads(page, more, cached ? [] : [page], { asked, why });
    while (this.#pool.is(page, 'reading')) this.queue.wait();
    return this.#pool.bytes(page) ?? fail('EIO', `vda: page ${page} cannot be read`);
  }

  /** The same, not in flight: it may be changed. */
  #stable(page: number, why: number): Uint8Array {
    this.#uptodate(page, 1, why);
    this.#settle(page);
    return this.#uptodate(page, 1, why);
  }

  /** A page that will be overwritten as a whole: nothing is read. */
  #overwritable(page: number): Uint8Array {
    this.#settle(page);
    return this.#pool.bytes(page) ?? this.#take(page);
  }

  #settle(page: number): void {
    while (this.#pool.is(page, 'reading') || this.#pool.is(page, 'writing')) this.queue.wait();
  }

  /** A slot for a new page. When all are dirty or in flight, waits until some are not. */
  #take(page: number): Uint8Array {
    for (;;) {
      const bytes = this.#pool.take(page, (cached) => !this.#dirty.has(cached));
      if (bytes) return bytes;
      this.#writeBack();
      if (this.#writesInFlight + this.#readsInFlight === 0) fail('ENOMEM', 'the page cache is full');
      this.queue.wait();
    }
  }

  /**
   * Asks for the pages of a range that are not cached, in requests of neighbours. `needed` has memory and must be read; the rest
   * is done only as far as there is free memory, never at the cost of `inUse`. The first `asked` pages are what somebody waits for.
   */
  #startReads(
    inUse: number,
    { first, count }: PageRange,
    needed: readonly number[],
    { asked, why }: { readonly asked: number; readonly why: number },
  ): void {
    const end = Math.min(first + count, this.#pages);
    let run = [...needed];
    const submit = () => {
      const ahead = run.filter((page) => page >= first + asked).length;
      if (run.length > 0)
        this.#submitRead(run, { request: this.current.request, why, asked: run.length - ahead, ahead });
      run = [];
    };
    for (const page of needed) this.#pool.mark(page, 'reading', true);
    for (let page = first + run.length; page < end; page++) {
      if (!this.#fits(run)) submit();
      if (this.#pool.find(page) !== undefined) {
        submit();
        continue;
      }
      if (!this.#pool.take(page, (cached) => cached !== inUse && !this.#dirty.has(cached))) break;
      this.#pool.mark(page, 'reading', true);
      run.push(page);
    }
    submit();
  }

  #submitRead(run: readonly number[], purpose: Purpose): void {
    this.#readsInFlight++;
    const done = (ok: boolean) => {
      this.#readsInFlight--;
      for (const page of run) {
        this.#pool.mark(page, 'reading', false);
        if (!ok) this.#pool.forget(page, this.queue.dead);
      }
    };
    const sector = run[0]! * SECTORS_PER_PAGE;
    this.queue.submit({ op: 'read', sector, segments: this.#pool.segments(run), purpose, done });
  }

  /** Puts every dirty page that is not in flight on its way, neighbours in one request, lowest first. */
  #writeBack(): void {
    const pages = [...this.#dirty.keys()].sort((a, b) => a - b);
    for (let i = 0; i < pages.length; ) {
      const run: number[] = [];
      while (i < pages.length && (run.length === 0 || pages[i] === run.at(-1)! + 1) && this.#fits(run)) {
        run.push(pages[i++]!);
      }
      const { request } = this.#dirty.get(run[0]!)!;
      let why = 0;
      for (const page of run) {
        why |= this.#dirty.get(page)!.why;
        this.#dirty.delete(page);
        this.#pool.mark(page, 'dirty', false);
        this.#pool.mark(page, 'writing', true);
      }
      this.#submitWrite(run, { request, why, asked: run.length, ahead: 0 });
    }
  }

  #submitWrite(run: readonly number[], purpose: Purpose): void {
    this.#writesInFlight++;
    this.#unflushed = true;
    const done = (ok: boolean) => {
      this.#writesInFlight--;
      this.#failed ||= !ok;
      for (const page of run) this.#pool.mark(page, 'writing', false);
    };
    const sector = run[0]! * SECTORS_PER_PAGE;
    this.queue.submit({ op: 'write', sector, segments: this.#pool.segments(run), purpose, done });
  }

  #fits(run: readonly number[]): boolean {
    return run.length < this.queue.maxSegments && (run.length + 1) * PAGE_SIZE <= this.queue.maxBytes;
  }

  #checkRange(offset: number, length: number): void {
    // Our own mistake, not the disk's: the file system must know how long its device is.
    if (!(offset >= 0 && length <= this.length && offset <= this.length - length)) {
      throw new RangeError(`${length} bytes at ${offset} lie outside a device of ${this.length}`);
    }
  }
}
