import { describe, expect, test } from 'vitest';
import { PythonError, runRaw, type SerialEnd, transmissible } from './raw_repl';

/** MicroPython's side, written from its documentation: answers keys; output comes in pieces of `cut` characters. */
class Peer implements SerialEnd {
  sent = '';
  listening = false;
  #heard: (text: string) => void = () => {};
  #line = '';
  #raw = false;

  constructor(
    readonly run: (program: string) => { out: string; traceback?: string },
    readonly cut = 1000,
  ) {}

  listen(heard: (text: string) => void): () => void {
    this.#heard = heard;
    this.listening = true;
    return () => {
      this.listening = false;
    };
  }

  send(text: string): void {
    this.sent += text;
    for (const key of text) this.#key(key);
  }

  #key(key: string): void {
    if (key === '\x03') this.#print('\r\n>>> ');
    else if (key === '\x01') this.#enter(true, '\r\nraw REPL; CTRL-B to exit\r\n>');
    else if (key === '\x02') this.#enter(false, '\r\nMicroPython v1.27.0\r\nType "help()"\r\n>>> ');
    else if (key === '\x04') this.#execute();
    else if (this.#raw) this.#line += key;
    else this.#print(key);
  }

  #enter(raw: boolean, banner: string): void {
    this.#raw = raw;
    this.#line = '';
    this.#print(banner);
  }

  #execute(): void {
    const { out, traceback = '' } = this.run(this.#line);
    this.#line = '';
    this.#print(`OK${out}\x04${traceback}\x04>`);
  }

  #print(text: string): void {
    for (let at = 0; at < text.length; at += this.cut) {
      const piece = text.slice(at, at + this.cut);
      queueMicrotask(() => this.#heard(piece));
    }
  }
}

describe('a program over the raw REPL', () => {
  test('returns what was printed, however the answer is cut', async () => {
    for (const cut of [1, 2, 3, 7, 1000]) {
      const peer = new Peer((program) => ({ out: `ran ${program}\r\nOK>>> \r\n` }), cut);
      expect(await runRaw(peer, 'print(1)')).toBe('ran print(1)\r\nOK>>> \r\n');
      expect(peer.listening).toBe(false);
    }
  });

  test('rejects with the traceback, and the line is free again', async () => {
    const peer = new Peer(() => ({
      out: 'so far\r\n',
      traceback: 'Traceback:\r\nZeroDivisionError: divide by zero\r\n',
    }));
    const failure = runRaw(peer, '1/0');
    await expect(failure).rejects.toBeInstanceOf(PythonError);
    await expect(failure).rejects.toThrow('Traceback:\nZeroDivisionError: divide by zero');
    expect(peer.listening).toBe(false);
    expect(peer.sent.endsWith('\x04\x02')).toBe(true);
  });

  test('what was typed is typed again, with the cursor where it was', async () => {
    const peer = new Peer(() => ({ out: '' }));
    await runRaw(peer, 'pass', { typed: { text: 'print(', behindCursor: 2 } });
    expect(peer.sent.endsWith('\x02print(\x1b[D\x1b[D')).toBe(true);
  });

  test('the keyboard goes back to the guest that had it', async () => {
    const peer = new Peer(() => ({ out: '' }));
    await runRaw(peer, 'pass', { keysToGuest: true });
    expect(peer.sent.startsWith('\x1c0\r\x03\x01')).toBe(true);
    expect(peer.sent.endsWith('\x02\x1c1\r')).toBe(true);
  });

  test('control characters never reach the line as such', () => {
    expect(transmissible("print('\x04\x1c')")).toBe('exec("print(\'\\u0004\\u001c\')")');
    expect(transmissible('if x:\n\tpass\r\n')).toBe('if x:\n\tpass\r\n');
    expect(transmissible(' \n')).toBe('pass');
  });
});
