/** Python programs that run over the serial line for a script, one after the other; keys typed meanwhile come after them. */
import type { Console } from './console';
import { runRaw } from './raw_repl';

export interface ScriptLine {
  readonly console: Console;
  readonly ready: Promise<void>;
  send(text: string): void;
  /** A script has the line, or has given it back. */
  scripted(busy: boolean): void;
}

export class Scripts {
  #queue: Promise<unknown> = Promise.resolve();
  #held = '';
  /** Fired when the MicroPython that runs now is ended. */
  #gone = new AbortController();

  constructor(readonly line: ScriptLine) {}

  /** What the Python program printed; rejects with PythonError. */
  run(python: string): Promise<string> {
    const result = this.#queue.then(() => this.#run(python));
    this.#queue = result.catch(() => {});
    return result;
  }

  hold(keys: string): void {
    this.#held += keys;
  }

  /** MicroPython was ended, and with it the program that it ran. */
  end(): void {
    this.#held = '';
    this.#gone.abort();
    this.#gone = new AbortController();
  }

  async #run(python: string): Promise<string> {
    await this.line.ready;
    const { console } = this.line;
    const typed = console.input;
    const keysToGuest = console.keysTo === 1;
    const gone = this.#gone.signal;
    this.line.scripted(true);
    try {
      const serial = {
        send: (text: string) => this.line.send(text),
        listen: (heard: (text: string) => void) => console.hide(heard),
        gone,
      };
      return await runRaw(serial, python, { typed: typed?.prompt === '>>> ' ? typed : undefined, keysToGuest });
    } finally {
      // The program or block that Ctrl-C ended is still on the screen: a new prompt says that it is over.
      if (typed?.prompt !== '>>> ' && !keysToGuest && !gone.aborted) await console.show('\r\n>>> ');
      this.line.scripted(false);
      this.line.send(this.#held);
      this.#held = '';
    }
  }
}
