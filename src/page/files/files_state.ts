/** What the view "Files" shows, and what it needs from the page around it. */
import type { Notice } from './deletions';
import type { FileView } from './file_view';
import type { Selection } from './selection';
import type { Doomed } from './trash';
import type { FilesPort, Starts } from './volume';

export interface FilesHost {
  readonly port: FilesPort & { watch(listener: () => void): () => void };
  readonly starts: Starts;
  now(): number;
  nextFrame(): Promise<unknown>;
  pause(ms: number): Promise<unknown>;
  /** Gives a file to the person. */
  save(file: Blob, name: string): void;
  /** Types it at Python's prompt, with Enter; or says in one sentence why that cannot be. */
  runLine(line: string): string | undefined;
}

export interface FilesState {
  readonly selection: Selection;
  /** Whose name is being typed: a row's, or that of a folder to be made. */
  readonly naming: { readonly of: string } | 'folder' | undefined;
  readonly notice: Notice | undefined;
  /** More than Undo keeps: waits for an answer. */
  readonly doomed: Doomed | undefined;
  readonly view: FileView | undefined;
}
