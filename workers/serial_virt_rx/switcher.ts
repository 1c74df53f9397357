/** What the keys mean: input for the current client, or the escape `Ctrl-\ number Enter` that names another. */

export interface SwitcherOptions {
  readonly switchChar: number;
  readonly terminateNumChar: number;
  readonly clients: number;
}

/** A byte for the current client, a client to switch to, a complaint, or nothing yet. */
export type Step =
  | { readonly kind: 'input'; readonly byte: number }
  | { readonly kind: 'switch'; readonly client: number }
  | { readonly kind: 'complaint'; readonly text: string }
  | undefined;

/** Digits that a client number may have. */
const MAX_CLI_BASE_10 = 4;

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

export class Switcher {
  #state: 'normal' | 'switched' | 'number' = 'normal';
  #digits = '';

  constructor(readonly options: SwitcherOptions) {}

  take(byte: number): Step {
    switch (this.#state) {
      case 'normal':
        return this.#normal(byte);
      case 'switched':
        return this.#switched(byte);
      case 'number':
        return this.#number(byte);
    }
  }

  #normal(byte: number): Step {
    if (byte !== this.options.switchChar) return { kind: 'input', byte };
    this.#state = 'switched';
    return undefined;
  }

  #switched(byte: number): Step {
    if (isDigit(byte)) {
      this.#digits = String.fromCharCode(byte);
      this.#state = 'number';
      return undefined;
    }
    this.#state = 'normal';
    // Twice is the character itself.
    if (byte === this.options.switchChar) return { kind: 'input', byte };
    return complaint(`User entered an invalid digit ${String.fromCharCode(byte)}`);
  }

  #number(byte: number): Step {
    if (isDigit(byte) && this.#digits.length < MAX_CLI_BASE_10) {
      this.#digits += String.fromCharCode(byte);
      return undefined;
    }
    this.#state = 'normal';
    if (byte === this.options.terminateNumChar) {
      const client = Number(this.#digits);
      if (client < this.options.clients) return { kind: 'switch', client };
      return complaint(`User requested to switch to an invalid client ${client}`);
    }
    const count = `${this.#digits.length + 1} < ${MAX_CLI_BASE_10}`;
    return complaint(`User entered too many (${count}) or invalid digit (${String.fromCharCode(byte)})`);
  }
}

function complaint(text: string): Step {
  return { kind: 'complaint', text };
}
