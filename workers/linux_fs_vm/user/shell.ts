/**
 * A small shell on the console. A command is a generator that yields text: it runs only while the console takes output and no file
 * system command waits, so `cat` of a large file holds nobody up, and Ctrl-C stops it between two pieces.
 */
import { COMMANDS, type ShellContext } from './shell_commands';

const PROMPT = '# ';
const MAX_LINE = 1024;
/** A screenful: with more output than this waiting, the command waits too. */
const ENOUGH = 4096;

const KEY = { CTRL_C: 3, BACKSPACE: 8, NEWLINE: 10, RETURN: 13, CTRL_U: 21, DELETE: 127 } as const;

export interface Terminal {
  readonly backlog: number;
  write(text: string): void;
}

export class Shell {
  #line: number[] = [];
  #job: Generator<string> | undefined;
  /** The prompt comes with the first key, so that it does not get into the boot log. */
  #greeted = false;
  readonly #decoder = new TextDecoder();

  constructor(
    readonly terminal: Terminal,
    readonly context: ShellContext,
  ) {}

  input(bytes: Uint8Array): void {
    for (const byte of bytes) this.#key(byte);
    this.pump();
  }

  /** Goes on with the running command as far as the terminal takes its output. */
  pump(): void {
    while (this.#job && this.terminal.backlog < ENOUGH) {
      const { done, value } = this.#job.next();
      if (done) this.#endJob();
      else this.terminal.write(value);
    }
  }

  #key(byte: number): void {
    if (!this.#greeted) {
      this.#greeted = true;
      this.terminal.write(PROMPT);
    }
    if (byte === KEY.CTRL_C) return this.#interrupt();
    if (this.#job) return;
    switch (byte) {
      case KEY.RETURN:
      case KEY.NEWLINE:
        this.terminal.write('\n');
        return this.#run();
      case KEY.BACKSPACE:
      case KEY.DELETE:
        if (this.#erase()) this.terminal.write('\b \b');
        return;
      case KEY.CTRL_U:
        while (this.#erase()) this.terminal.write('\b \b');
        return;
      default:
        if (byte < 0x20 || this.#line.length === MAX_LINE) return;
        this.#line.push(byte);
        this.terminal.write(this.#decoder.decode(Uint8Array.of(byte), { stream: true }));
    }
  }

  /** Takes one character, which may be several bytes of UTF-8, off the line. */
  #erase(): boolean {
    if (this.#line.length === 0) return false;
    while (this.#line.length > 0 && (this.#line.pop()! & 0xc0) === 0x80);
    return true;
  }

  #interrupt(): void {
    this.terminal.write('^C\n');
    this.#line = [];
    this.#endJob();
  }

  #run(): void {
    const words = new TextDecoder().decode(Uint8Array.from(this.#line)).split(' ').filter(Boolean);
    this.#line = [];
    const [name, ...args] = words;
    if (name === undefined) return this.terminal.write(PROMPT);
    const command = COMMANDS.get(name);
    if (command) this.#job = command.run(this.context, args);
    else this.terminal.write(`sh: ${name}: not found\n${PROMPT}`);
  }

  #endJob(): void {
    // Runs the command's `finally` blocks: its files are closed.
    this.#job?.return(undefined);
    this.#job = undefined;
    this.terminal.write(PROMPT);
  }
}
