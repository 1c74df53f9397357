/**
 * hvc0: Linux's drivers/char/virtio_console.c for a device with one port. [VIRTIO 1.2] 5.3. Output waits in a bounded backlog while
 * the monitor is not taking it; nobody ever sleeps on the console.
 */
import type { BootAllocator, Memory } from './memory';
import type { VirtioDevice } from './virtio_mmio';
import type { Virtqueue } from './virtqueue';

const RECEIVEQ = 0;
const TRANSMITQ = 1;
const BUFFERS = 8;
const BUFFER_SIZE = 512;
const MAX_BACKLOG = 64 * 1024;

export class VirtioConsole {
  readonly #rx: Memory[];
  readonly #tx: Memory[];
  readonly #rxOf = new Map<number, Memory>();
  readonly #txOf = new Map<number, Memory>();
  readonly #encoder = new TextEncoder();
  #backlog: Uint8Array[] = [];
  #backlogBytes = 0;
  /** Bytes thrown away because the console did not move. */
  dropped = 0;

  private constructor(
    readonly device: VirtioDevice,
    readonly receiveq: Virtqueue,
    readonly transmitq: Virtqueue,
    memory: BootAllocator,
  ) {
    const buffers = () => Array.from({ length: BUFFERS }, () => memory.zeroed(BUFFER_SIZE));
    this.#rx = buffers();
    this.#tx = buffers();
  }

  static probe(device: VirtioDevice, memory: BootAllocator): VirtioConsole | undefined {
    if (!device.negotiate(0)) return undefined;
    const receiveq = device.setUpQueue(RECEIVEQ, BUFFERS, memory);
    const transmitq = device.setUpQueue(TRANSMITQ, BUFFERS, memory);
    if (!receiveq || !transmitq) return undefined;
    const console = new VirtioConsole(device, receiveq, transmitq, memory);
    device.driverOk();
    for (const buffer of console.#rx) console.#offer(buffer);
    device.kick();
    return console;
  }

  /** Output still in the guest: a polite writer waits while this is a screenful. */
  get backlog(): number {
    return this.#backlogBytes;
  }

  /** Whether the monitor has taken everything. */
  get drained(): boolean {
    return this.#backlogBytes === 0 && this.#txOf.size === 0;
  }

  /** Text with \n line ends. */
  write(text: string): void {
    const bytes = this.#encoder.encode(text.replaceAll('\n', '\r\n'));
    if (bytes.length > MAX_BACKLOG - this.#backlogBytes) {
      this.dropped += bytes.length;
      return;
    }
    this.#backlog.push(bytes);
    this.#backlogBytes += bytes.length;
    this.#transmit();
  }

  /** The device's interrupt: returns what was typed. */
  interrupt(): Uint8Array {
    this.device.interrupt.take();
    for (let used = this.transmitq.collect(); used; used = this.transmitq.collect()) {
      const buffer = this.#txOf.get(used.head);
      this.#txOf.delete(used.head);
      if (buffer) this.#tx.push(buffer);
    }
    this.#transmit();
    return this.#receive();
  }

  #receive(): Uint8Array {
    const parts: number[] = [];
    let offered = false;
    for (let used = this.receiveq.collect(); used; used = this.receiveq.collect()) {
      const buffer = this.#rxOf.get(used.head);
      this.#rxOf.delete(used.head);
      if (!buffer) continue;
      parts.push(...buffer.bytes.subarray(0, Math.min(used.length, BUFFER_SIZE)));
      this.#offer(buffer);
      offered = true;
    }
    if (offered) this.device.kick();
    return Uint8Array.from(parts);
  }

  #offer(buffer: Memory): void {
    const head = this.receiveq.add([], [{ phys: buffer.phys, length: BUFFER_SIZE }]);
    if (head !== undefined) this.#rxOf.set(head, buffer);
  }

  #transmit(): void {
    let sent = false;
    while (this.#backlog.length > 0 && this.#tx.length > 0) {
      const buffer = this.#tx.pop()!;
      const length = this.#fill(buffer.bytes);
      const head = this.transmitq.add([{ phys: buffer.phys, length }], []);
      // One buffer per descriptor: a free buffer means a free descriptor.
      this.#txOf.set(head!, buffer);
      sent = true;
    }
    if (sent) this.device.kick();
  }

  /** Moves as much of the backlog as fits into one buffer. */
  #fill(dest: Uint8Array): number {
    let length = 0;
    while (this.#backlog.length > 0 && length < dest.length) {
      const first = this.#backlog[0]!;
      const n = Math.min(first.length, dest.length - length);
      dest.set(first.subarray(0, n), length);
      length += n;
      if (n === first.length) this.#backlog.shift();
      else this.#backlog[0] = first.subarray(n);
    }
    this.#backlogBytes -= length;
    return length;
  }
}
