/** What is under way in a folder, as rows: uploads, downloads, deletions. The panel draws these and nothing else. */

export type Choice = 'replace' | 'both' | 'skip';

export interface WorkRow {
  readonly key: string;
  readonly sign: 'upload' | 'download' | 'trash' | 'folder';
  readonly name: string;
  /** The folder in whose view the row stands. */
  readonly folder: string;
  /** In bytes; of a folder, of all that is in it. Undefined where it is not known. */
  readonly size: number | undefined;
  readonly state:
    | { readonly is: 'waiting' }
    | {
        readonly is: 'running';
        /** In bytes, or in files where the size says nothing. */
        readonly done: number;
        readonly total: number;
        readonly unit: 'bytes' | 'files';
        readonly perSecond: number | undefined;
      }
    | {
        readonly is: 'asking';
        readonly there: 'file' | 'folder';
        /** How many more ask the same: there is an answer for all. */
        readonly others: number;
      }
    | { readonly is: 'failed'; readonly why: string; readonly retry: boolean };
  cancel(): void;
  retry(): void;
  answer(choice: Choice, forAll: boolean): void;
}
