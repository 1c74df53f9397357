/**
 * Files being edited. A draft outlives the view of its file until it is saved or given up. Somebody else may write the same file: a draft
 * that nobody has touched follows, one with edits keeps them and asks.
 */
import { errnoOf, sentence } from './errors';
import { EDITABLE_AT_MOST, exactText } from './file_kind';
import type { Volume } from './volume';

export interface Draft {
  readonly path: string;
  /** As it is in the editor. */
  readonly text: string;
  /** As it was on the disk when it was last read or saved. */
  readonly saved: string;
  /** What somebody else has written meanwhile; asks for a choice. */
  readonly theirs: string | undefined;
  /** Counts the times the text came from elsewhere than the editor. */
  readonly version: number;
  /** One sentence on why it was not saved. */
  readonly problem: string | undefined;
}

export const isDirty = ({ text, saved }: Draft) => text !== saved;

const NOT_TEXT = 'It is no text any more.';

export class Drafts {
  /** By path. */
  state: ReadonlyMap<string, Draft> = new Map();
  readonly #listeners = new Set<() => void>();
  readonly #volume: Pick<Volume, 'read' | 'write'>;

  constructor(volume: Pick<Volume, 'read' | 'write'>) {
    this.#volume = volume;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  get dirty(): boolean {
    return [...this.state.values()].some(isDirty);
  }

  /** The draft of this file, as it was left or fresh from the disk. */
  async open(path: string): Promise<void> {
    if (this.state.has(path)) return this.reread(path);
    const text = await this.#onDisk(path);
    if (text === undefined) throw new Error('ENOENT');
    if (!this.state.has(path))
      this.#put({ path, text, saved: text, theirs: undefined, version: 0, problem: undefined });
  }

  typed(path: string, text: string): void {
    this.#change(path, { text, problem: undefined });
  }

  /** True when the disk has the draft. False when somebody else has written the file, which asks; or with the reason in the draft. */
  async save(path: string): Promise<boolean> {
    const draft = this.state.get(path);
    if (!draft) return false;
    try {
      await this.reread(path);
      const now = this.state.get(path);
      if (now?.theirs !== undefined) return false;
      if (now && !isDirty(now) && (await this.#onDisk(path)) === now.text) return true;
      await this.#volume.write(path, new Blob([draft.text]));
      this.#change(path, { saved: draft.text, problem: undefined });
      return true;
    } catch (error) {
      this.#change(path, { problem: `Not saved: ${sentence(error)}` });
      return false;
    }
  }

  takeTheirs(path: string): void {
    const draft = this.state.get(path);
    if (draft?.theirs === undefined) return;
    this.#change(path, { text: draft.theirs, saved: draft.theirs, theirs: undefined, version: draft.version + 1 });
  }

  /** Theirs goes when this draft is saved. */
  keepMine(path: string): void {
    const { theirs } = this.state.get(path) ?? {};
    if (theirs !== undefined) this.#change(path, { saved: theirs, theirs: undefined });
  }

  /** Back to what is on the disk. */
  revert(path: string): void {
    const draft = this.state.get(path);
    if (draft) this.#change(path, { text: draft.saved, version: draft.version + 1, problem: undefined });
  }

  /** A draft without edits is nothing to keep. */
  left(path: string): void {
    const draft = this.state.get(path);
    if (draft && !isDirty(draft)) this.giveUp(path);
  }

  giveUp(path: string): void {
    const rest = new Map(this.state);
    rest.delete(path);
    this.#set(rest);
  }

  renamed(from: string, to: string): void {
    const moved = [...this.state].map(([path, draft]): [string, Draft] => {
      const inside = path === from || path.startsWith(`${from}/`);
      const target = inside ? to + path.slice(from.length) : path;
      return [target, { ...draft, path: target }];
    });
    this.#set(new Map(moved));
  }

  /** Something on the disk has changed. */
  async reread(path: string): Promise<void> {
    const text = await this.#onDisk(path);
    const draft = this.state.get(path);
    // A file that was deleted comes back with the next save.
    if (!draft || text === undefined || text === draft.saved) return;
    if (text === draft.text) this.#change(path, { saved: text, theirs: undefined });
    else if (isDirty(draft)) this.#change(path, { theirs: text });
    else this.#change(path, { text, saved: text, theirs: undefined, version: draft.version + 1 });
  }

  async rereadAll(): Promise<void> {
    for (const path of this.state.keys())
      await this.reread(path).catch((error) => this.#change(path, { problem: sentence(error) }));
  }

  async #onDisk(path: string): Promise<string | undefined> {
    try {
      const { bytes } = await this.#volume.read(path, 0, EDITABLE_AT_MOST + 1);
      const text = bytes.length > EDITABLE_AT_MOST ? undefined : exactText(bytes);
      if (text === undefined) throw new Error(NOT_TEXT);
      return text;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #change(path: string, change: Partial<Draft>): void {
    const draft = this.state.get(path);
    if (draft) this.#put({ ...draft, ...change });
  }

  #put(draft: Draft): void {
    this.#set(new Map(this.state).set(draft.path, draft));
  }

  #set(state: ReadonlyMap<string, Draft>): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}
