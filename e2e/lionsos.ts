/** The page's automation handle, `window.lionsos`, as its documentation has it: a second reading for the tests. */
type MaybePromise<T> = T | Promise<T>;

export interface LionsOs {
  readonly version: string;
  readonly board: string;
  readonly ready: Promise<void>;
  send(text: string): MaybePromise<void>;
  screen(): MaybePromise<string>;
  waitFor(text: string | RegExp, options?: { timeoutMs?: number }): Promise<unknown>;
  run(python: string): Promise<string>;
  readonly disk: {
    export(): Promise<Uint8Array>;
    import(bytes: Uint8Array): Promise<void>;
    reset(): Promise<void>;
  };
  mount(): Promise<{ state: 'mounted' | 'refused'; type?: 'FAT12' | 'FAT16' | 'FAT32'; reason?: string }>;
  readonly pd: {
    list(): Promise<{ name: string; state: string; generation: number; notifications: number }[]>;
  };
}

declare global {
  interface Window {
    lionsos: LionsOs;
  }
}
