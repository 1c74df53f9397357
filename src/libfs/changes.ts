/** Tells whether what was read from a file may still be believed: its number is another one after every change of a file's contents. */
export class Changes {
  #own = 0;

  /** `others`: the same for the changes of the server's other clients. */
  constructor(readonly others: () => number) {}

  /** Look at it before asking the server: what changes meanwhile may be in the answer or not. */
  get count(): number {
    return this.#own + this.others();
  }

  /** This client is about to change something. */
  made(): void {
    this.#own++;
  }
}
