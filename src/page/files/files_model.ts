/**
 * The view "Files" without its looks: the folder that is shown, what is chosen in it, what is under way, the file that is open. It lives as
 * long as the page, so that uploads and edits go on while another view is shown.
 */

import type { FileEntry } from '../../protocol/control';
import { Deletions } from './deletions';
import { fileBlob, zipBlob, zipName } from './downloads';
import { Drafts } from './drafts';
import type { Given } from './dropped_tree';
import { sentence } from './errors';
import { FileView } from './file_view';
import type { FilesHost, FilesState } from './files_state';
import { Jobs } from './jobs';
import { Listing } from './listing';
import { composed } from './names';
import { giveName } from './naming';
import { folderOf, isWithin, join, nameOf, ROOT } from './paths';
import { choose, kept, NOTHING, type Selection, UP } from './selection';
import { Uploads } from './uploads';
import { Volume } from './volume';

export class FilesModel {
  state: FilesState = { selection: NOTHING, naming: undefined, notice: undefined, doomed: undefined, view: undefined };
  readonly volume: Volume;
  readonly listing: Listing;
  readonly uploads: Uploads;
  readonly jobs: Jobs;
  readonly drafts: Drafts;
  readonly deletions: Deletions;
  readonly #host: FilesHost;
  readonly #listeners = new Set<() => void>();
  #rows: readonly string[] = [];
  #entries: readonly FileEntry[] = [];
  /** Open files may be others than they were. */
  #othersWrote = false;
  /** Chosen once it is listed. */
  #expected: string | undefined;

  constructor(host: FilesHost) {
    this.#host = host;
    this.volume = new Volume(host.port, host.starts);
    this.listing = new Listing(this.volume, host);
    const changed = (path: string) => this.#changed(path);
    this.uploads = new Uploads({ volume: this.volume, now: host.now, nextFrame: host.nextFrame, changed });
    this.jobs = new Jobs(host.now);
    this.drafts = new Drafts(this.volume);
    this.deletions = new Deletions(this.volume, this.jobs, {
      waits: (doomed) => this.#set({ doomed }),
      says: (notice) => this.#set({ notice }),
      gone: (paths) => {
        for (const path of paths) this.drafts.giveUp(path);
        this.listing.refresh();
      },
      back: (name) => {
        this.#expected = name;
        this.listing.refresh();
      },
    });
    this.listing.onGone((name) => this.#say(`${name} is not there any more.`));
    this.listing.subscribe(() => this.#listed());
    host.port.watch(() => this.othersWrote());
    this.listing.refresh();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The names in the folder, in the order of the rows. */
  get rows(): readonly string[] {
    return this.#rows;
  }

  /** Without what is being uploaded: that has a row of its own. */
  get entries(): readonly FileEntry[] {
    return this.#entries;
  }

  /** Another client of the disk, or another disk. */
  othersWrote(): void {
    this.#othersWrote = true;
    this.listing.refresh();
  }

  go(path: string, expected?: string): void {
    this.closeView();
    this.#expected = expected;
    this.#set({ selection: NOTHING, naming: undefined, doomed: undefined });
    this.listing.go(path);
  }

  open(name: string): void {
    const { path, entries } = this.listing.state;
    if (name === UP) this.up();
    else if (entries.find((entry) => entry.name === name)?.folder) this.go(join(path, name));
    else this.openFile(join(path, name));
  }

  openFile(path: string): void {
    this.closeView();
    this.#set({ view: new FileView(this.volume, path) });
  }

  /** Out of the file, or out of the folder. */
  up(): void {
    const { path } = this.listing.state;
    if (this.state.view) this.closeView();
    else if (path !== ROOT) this.go(folderOf(path), nameOf(path));
  }

  closeView(): void {
    const { view } = this.state;
    if (!view) return;
    view.close();
    this.drafts.left(view.path);
    this.#set({ view: undefined });
  }

  select(selection: Selection): void {
    this.#set({ selection });
  }

  upload(given: Given): void {
    this.uploads.add(this.listing.state.path, given);
  }

  name(naming: FilesState['naming']): void {
    this.#set({ naming });
  }

  /** False when the name will not do, which is said. */
  async named(typed: string): Promise<boolean> {
    const { naming } = this.state;
    const { path } = this.listing.state;
    const name = composed(typed);
    const old = naming === 'folder' ? undefined : naming?.of;
    if (naming === undefined || name === old) return this.#unnamed();
    try {
      await giveName(this.volume, path, old, name);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (old !== undefined) this.drafts.renamed(join(path, old), join(path, name));
    this.#expected = name;
    this.#say(old === undefined ? `${name} was made.` : `${old} is called ${name} now.`);
    this.listing.refresh();
    return this.#unnamed();
  }

  async download(names: readonly string[]): Promise<void> {
    const { path, entries } = this.listing.state;
    const first = entries.find(({ name }) => name === names[0]);
    if (!first) return;
    const isOneFile = names.length === 1 && !first.folder;
    const name = isOneFile ? first.name : zipName(path, names);
    await this.jobs.run({ sign: 'download', name, folder: path, unit: 'bytes' }, async (say, signal) => {
      const blob = isOneFile
        ? await fileBlob(this.volume, join(path, name), first.size, say, signal)
        : await zipBlob(this.volume, path, names, say, signal);
      this.#host.save(blob, name);
    });
  }

  /** Saves it and runs it at the prompt, where everybody sees it. */
  async run(path: string): Promise<void> {
    if (!(await this.drafts.save(path))) return;
    this.listing.refresh();
    const quoted = path.replace(/[\\']/g, '\\$&');
    const problem = this.#host.runLine(`exec(open('${quoted}').read())`);
    if (problem !== undefined) this.#fail(new Error(problem));
  }

  async save(path: string): Promise<void> {
    if (await this.drafts.save(path)) this.listing.refresh();
  }

  dismiss(): void {
    this.#set({ notice: undefined });
  }

  #unnamed(): true {
    this.#set({ naming: undefined });
    return true;
  }

  /** An upload is there. */
  #changed(path: string): void {
    if (this.drafts.state.has(path) || this.state.view?.path === path) this.#othersWrote = true;
    if (isWithin(path, this.listing.state.path)) this.listing.refresh();
  }

  #listed(): void {
    const { path, entries, phase } = this.listing.state;
    const before = this.#rows;
    this.#entries = entries.filter(({ name }) => !this.volume.isBeingWritten(join(path, name)));
    const names = this.#entries.map(({ name }) => name);
    this.#rows = path === ROOT ? names : [UP, ...names];
    let { selection } = this.state;
    if (phase === 'shown') {
      selection = kept(selection, before, this.#rows);
      if (this.#expected !== undefined && names.includes(this.#expected)) {
        selection = choose(this.#expected);
        this.#expected = undefined;
      }
      if (this.#othersWrote) this.#reread();
    }
    this.#set({ selection });
  }

  #reread(): void {
    this.#othersWrote = false;
    void this.state.view?.reread();
    void this.drafts.rereadAll();
  }

  #say(text: string): void {
    this.#set({ notice: { text, failed: false } });
  }

  #fail(error: unknown): void {
    this.#set({ notice: { text: sentence(error), failed: true } });
  }

  #set(change: Partial<FilesState>): void {
    this.state = { ...this.state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
