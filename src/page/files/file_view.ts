/** One file being looked at: as text, as bytes, as a picture. Only what is shown is read, and it is read again when the disk has changed. */
import { sentence } from './errors';
import { EDITABLE_AT_MOST, type Look, looksOf, PICTURE_AT_MOST, pictureType, readableText } from './file_kind';
import { nameOf } from './paths';
import type { Volume } from './volume';

export const TEXT_STEP = 256 * 1024;
export const BLOCK = 64 * 1024;
/** Of what the hex view has seen; more is read again. */
const BLOCKS_KEPT = 16;

export interface ViewState {
  readonly phase: 'reading' | 'shown' | 'failed';
  readonly problem: string | undefined;
  readonly size: number;
  readonly looks: readonly Look[];
  readonly look: Look;
  /** From the start of the file, as far as it was asked for. */
  readonly text: string;
  readonly textBytes: number;
  /** A blob: URL. */
  readonly picture: string | undefined;
}

export class FileView {
  state: ViewState = {
    phase: 'reading',
    problem: undefined,
    size: 0,
    looks: [],
    look: 'hex',
    text: '',
    textBytes: 0,
    picture: undefined,
  };
  readonly #listeners = new Set<() => void>();
  readonly #blocks = new Map<number, { readonly bytes: Uint8Array | undefined; readonly reading: number }>();
  #wantedText = TEXT_STEP;
  /** Counts readings: an answer to an older one is not shown. */
  #reading = 0;

  constructor(
    readonly volume: Pick<Volume, 'read'>,
    readonly path: string,
  ) {
    void this.reread();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  show(look: Look): void {
    this.#set({ look });
    void this.reread();
  }

  more(): void {
    this.#wantedText += TEXT_STEP;
    void this.reread();
  }

  async reread(): Promise<void> {
    const reading = ++this.#reading;
    try {
      const { bytes, size } = await this.volume.read(this.path, 0, Math.max(this.#wantedText, this.#wholeLength()));
      if (reading !== this.#reading) return;
      const looks = looksOf(nameOf(this.path), size, bytes);
      const look = looks.includes(this.state.look) && this.state.phase === 'shown' ? this.state.look : looks[0]!;
      const part = bytes.subarray(0, Math.min(bytes.length, this.#wantedText));
      this.#set({
        phase: 'shown',
        problem: undefined,
        size,
        looks,
        look,
        text: look === 'text' ? readableText(part) : '',
        textBytes: part.length,
      });
      if (look === 'picture') await this.#readPicture(reading, size);
    } catch (error) {
      if (reading === this.#reading) this.#set({ phase: 'failed', problem: sentence(error) });
    }
  }

  /** 64 KiB from `number` times 64 KiB on, older ones until the newer are there, which is told; undefined where there are none yet. */
  block(number: number): Uint8Array | undefined {
    const known = this.#blocks.get(number);
    if (known?.reading !== this.#reading) void this.#readBlock(number, known?.bytes);
    return known?.bytes;
  }

  close(): void {
    this.#reading++;
    if (this.state.picture) URL.revokeObjectURL(this.state.picture);
  }

  /** Whether it can be edited is seen by all of it. */
  #wholeLength(): number {
    return this.state.size > EDITABLE_AT_MOST ? 0 : EDITABLE_AT_MOST;
  }

  async #readPicture(reading: number, size: number): Promise<void> {
    const { bytes } = await this.volume.read(this.path, 0, Math.min(size, PICTURE_AT_MOST));
    if (reading !== this.#reading) return;
    const old = this.state.picture;
    const type = pictureType(nameOf(this.path)) ?? '';
    this.#set({ picture: URL.createObjectURL(new Blob([bytes], { type })) });
    if (old) URL.revokeObjectURL(old);
  }

  async #readBlock(number: number, old: Uint8Array | undefined): Promise<void> {
    const reading = this.#reading;
    this.#blocks.delete(number);
    this.#blocks.set(number, { bytes: old, reading });
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size <= BLOCKS_KEPT) break;
      this.#blocks.delete(oldest);
    }
    try {
      const { bytes } = await this.volume.read(this.path, number * BLOCK, BLOCK);
      if (reading !== this.#reading) return;
      this.#blocks.set(number, { bytes, reading });
      this.#set({});
    } catch (error) {
      if (reading === this.#reading) this.#set({ phase: 'failed', problem: sentence(error) });
    }
  }

  #set(change: Partial<ViewState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
