/**
 * Tells apart who printed what on the one serial line. serial_virt_tx wraps each batch of a client in a colour (ESC[31m for client 0,
 * ESC[32m for client 1, ESC[0m after it); kernel and monitor print beside it without any. A client may print colours of its own
 * inside its batch. The bytes are untrusted: a client that prints ESC[0m is taken for the kernel until its batch ends.
 */

export type Speaker = 'kernel' | 'client0' | 'client1';

export interface Piece {
  /** `begin` and `end` stand for the virtualiser's colour codes, which are in no text. */
  readonly kind: 'begin' | 'text' | 'end';
  readonly speaker: Speaker;
  readonly text: string;
}

const ESC = 0x1b;
const BEGIN: readonly (readonly [code: string, speaker: Speaker])[] = [
  ['\x1b[31m', 'client0'],
  ['\x1b[32m', 'client1'],
];
const END = '\x1b[0m';
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
const UNFINISHED = /\x1b(\[[\d;?]{0,16})?$/;

export class SpeakerParser {
  #speaker: Speaker = 'kernel';
  /** The beginning of what may become a colour code. */
  #code = '';
  /** A character's bytes may be split by colour codes and by chunks, so each speaker has a decoder that remembers. */
  readonly #decoders: Record<Speaker, TextDecoder> = {
    kernel: new TextDecoder(),
    client0: new TextDecoder(),
    client1: new TextDecoder(),
  };

  /** A client's own escape sequence may be split, too: its beginning waits for the rest. */
  readonly #unfinished: Record<Speaker, string> = { kernel: '', client0: '', client1: '' };

  push(bytes: Uint8Array): Piece[] {
    const pieces: Piece[] = [];
    let at = 0;
    while (at < bytes.length) {
      if (this.#code === '' && bytes[at] !== ESC) {
        const next = bytes.indexOf(ESC, at);
        const end = next < 0 ? bytes.length : next;
        this.#say(pieces, bytes.subarray(at, end));
        at = end;
      } else if (this.#extendsCode(bytes[at]!, pieces)) {
        at++;
      }
    }
    return pieces;
  }

  /** False when the byte does not belong to the code: what was kept is text then, and the byte is looked at again. */
  #extendsCode(byte: number, pieces: Piece[]): boolean {
    const longer = this.#code + String.fromCharCode(byte);
    const begin = this.#speaker === 'kernel' ? BEGIN.find(([code]) => code.startsWith(longer)) : undefined;
    if (!begin && !(this.#speaker !== 'kernel' && END.startsWith(longer))) {
      const kept = Uint8Array.from(this.#code, (char) => char.charCodeAt(0));
      const fits = kept.length === 0;
      this.#code = '';
      this.#say(pieces, fits ? Uint8Array.of(byte) : kept);
      return fits;
    }
    this.#code = longer;
    if (begin?.[0] === longer) this.#turn(pieces, 'begin', begin[1]);
    else if (longer === END) this.#turn(pieces, 'end', 'kernel');
    return true;
  }

  #turn(pieces: Piece[], kind: 'begin' | 'end', next: Speaker): void {
    pieces.push({ kind, speaker: kind === 'begin' ? next : this.#speaker, text: '' });
    this.#speaker = next;
    this.#code = '';
  }

  #say(pieces: Piece[], bytes: Uint8Array): void {
    const speaker = this.#speaker;
    const all = this.#unfinished[speaker] + this.#decoders[speaker].decode(bytes, { stream: true });
    const begun = UNFINISHED.exec(all)?.[0] ?? '';
    this.#unfinished[speaker] = begun;
    const text = begun === '' ? all : all.slice(0, -begun.length);
    if (text !== '') pieces.push({ kind: 'text', speaker, text });
  }
}
