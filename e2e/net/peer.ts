/**
 * Network stacks that nobody here wrote, as programs that take frames from stdin and give frames on stdout: compiled from the C beside this
 * file against Debian's libraries. Where those cannot be had the tests are skipped, and say so.
 */
import { type ChildProcessByStdio, execFileSync, spawn, spawnSync } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { Random } from '../../src/libmicrokit/random';
import { Stack, type StackOptions } from '../../src/net/stack';
import { pcapngInterface, pcapngPacket, pcapngSectionHeader } from '../../src/specs/pcapng';

/** What each peer is linked with: the name that pkg-config knows, and the Debian package. */
const LIBRARIES = { slirp: 'libslirp-dev', lwip: 'liblwip-dev' } as const;
type Library = keyof typeof LIBRARIES;

const runs = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function missing(library: Library): string[] {
  const needs: [string, boolean][] = [
    ['gcc', runs('gcc', '--version')],
    ['pkg-config', runs('pkg-config', '--version')],
    [LIBRARIES[library], runs('pkg-config', '--exists', library)],
    ['tshark', runs('tshark', '--version')],
  ];
  return needs.filter(([, isThere]) => !isThere).map(([name]) => name);
}

/** Tests that need a peer linked with `library`, and tshark. */
export function describeWith(library: Library, name: string, tests: () => void): void {
  const without = missing(library);
  if (without.length > 0) console.warn(`SKIPPED: ${name}. Install with: apt-get install ${without.join(' ')}`);
  describe.skipIf(without.length > 0)(name, { timeout: 180_000 }, tests);
}

const COMPILE = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** Compiles `<library>_peer.c` into the folder; returns the program. */
export function compile(library: Library, folder: string): string {
  const source = fileURLToPath(new URL(`${library}_peer.c`, import.meta.url));
  const flags = execFileSync('pkg-config', ['--cflags', '--libs', library], { encoding: 'utf8' }).trim().split(/\s+/);
  const program = `${folder}/${library}_peer`;
  execFileSync('gcc', [...COMPILE, '-o', program, source, ...flags, '-lpthread', '-ldl'], { stdio: 'inherit' });
  return program;
}

/** A running peer at the other end of our stack's wire. The clock is the real one: the peer has no other. */
export class Peer {
  readonly stack: Stack;
  /** Everything that passed, for tshark. */
  readonly capture: Uint8Array[] = [pcapngSectionHeader(), pcapngInterface('wire')];
  /** What it has said on stderr. */
  said = '';
  exit: number | null | undefined;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  #arrived: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(program: string, args: readonly string[], options: Partial<StackOptions> = {}) {
    const random = new Random(4711);
    this.stack = new Stack({
      mac: Uint8Array.of(0x52, 0x54, 1, 0, 0, 1),
      output: (frame) => this.#send(frame),
      random: () => random.next(),
      ...options,
    });
    this.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stdin.on('error', () => this.#wake());
    this.#process.stdout.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#process.stderr.on('data', (bytes: Buffer) => {
      this.said += bytes;
      this.#wake();
    });
    this.#process.on('exit', (code) => {
      this.exit = code;
      this.#wake();
    });
  }

  /** Drives the stack until `done`, which may use its sockets. */
  async until(what: string, done: () => boolean, limitMs = 30_000): Promise<void> {
    const end = performance.now() + limitMs;
    this.stack.poll(performance.now());
    while (!done()) {
      if (this.exit !== undefined) throw new Error(`${what}: the peer ended with ${this.exit}: ${this.said}`);
      if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms; the peer said: ${this.said}`);
      await this.#rest(Math.min(this.stack.poll(performance.now()), 100));
      this.stack.poll(performance.now());
    }
    this.stack.poll(performance.now());
  }

  stop(): void {
    this.#process.stdin.end();
    this.#process.kill();
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #record(frame: Uint8Array): void {
    this.capture.push(pcapngPacket(0, BigInt(Math.round(performance.now() * 1e6)), frame));
  }

  #send(frame: Uint8Array): void {
    this.#record(frame);
    const bytes = Buffer.alloc(2 + frame.length);
    bytes.writeUInt16BE(frame.length);
    bytes.set(frame, 2);
    this.#process.stdin.write(bytes);
  }

  #take(bytes: Buffer): void {
    this.#arrived = Buffer.concat([this.#arrived, bytes]);
    this.stack.poll(performance.now());
    let at = 0;
    while (this.#arrived.length >= at + 2) {
      const end = at + 2 + this.#arrived.readUInt16BE(at);
      if (this.#arrived.length < end) break;
      const frame = this.#arrived.subarray(at + 2, end);
      this.#record(frame);
      this.stack.input(frame);
      at = end;
    }
    this.#arrived = this.#arrived.subarray(at);
    this.#wake();
  }
}
