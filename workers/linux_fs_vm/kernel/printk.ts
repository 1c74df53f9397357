/** The kernel log: everything is kept for `dmesg`; warnings and the file system's lines also go to the console. */
const MAX_LINES = 500;

export class Printk {
  readonly #lines: string[] = [];
  /** Where warnings go; set once the console works. */
  console: ((line: string) => void) | undefined;

  constructor(readonly nowNs: () => number) {}

  info(line: string): void {
    const seconds = (this.nowNs() / 1e9).toFixed(6).padStart(12);
    this.#lines.push(`[${seconds}] ${printable(line)}`);
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
  }

  warn(line: string): void {
    this.info(line);
    this.console?.(printable(line));
  }

  get dmesg(): readonly string[] {
    return this.#lines;
  }
}

/** Names and contents come from a disk: no command for the terminal may be among them. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}]/gu, (character) => (character === '\n' || character === '\t' ? character : '?'));
}
