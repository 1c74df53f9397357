/**
 * The client's network interface e0: the TCP/IP stack over the sDDF queues, where upstream has lwIP; au-ts/lionsos
 * components/micropython/src/mpnetworkport.c. It runs in the client's waits and, while Python computes, at the hook that sees Ctrl-C.
 * differs: its timers are deadlines of those waits, where upstream's run only when something else notifies the domain.
 */
import { Complaints } from '../../src/libmicrokit/complaints';
import { bit, type Channel, type Kernel } from '../../src/libmicrokit/pd';
import type { Ipv4Config } from '../../src/net/netif';
import { Stack } from '../../src/net/stack';
import { NO_TAP, type Tap } from '../../src/protocol/capture';
import { isBufferOffset, NET_BUFFER_SIZE, type NetBuffDesc, type NetQueues } from '../../src/protocol/net_queue';
import type { Region } from '../../src/protocol/region';
import { formatIpv4, IPV4_ANY } from '../../src/specs/ipv4';

const NS_PER_MS = 1e6;
/** Hooks between two looks at the clock while Python computes. */
const HOOKS_PER_LOOK = 32;

export interface NetEnd extends NetQueues {
  readonly ch: Channel;
  readonly data: Region;
}

export class NetPort {
  readonly stack: Stack;
  /** Whose signals mean that frames have come. */
  readonly channels: number;
  /** Frames for which there was no empty buffer; TCP sends them again, as upstream. */
  dropped = 0;
  /** Grows whenever something has happened that a call may have waited for. */
  events = 0;
  /** Nanoseconds since boot at which there is something to do even if no frame comes; Infinity when there is nothing. */
  dueNs = 0;
  readonly mac: Uint8Array;
  readonly #kernel: Kernel;
  readonly #rx: NetEnd;
  readonly #tx: NetEnd;
  readonly #tap: Tap;
  readonly #complaints: Complaints;
  #news: string[] = [];
  #hooks = 0;

  constructor(kernel: Kernel, mac: Uint8Array, rx: NetEnd, tx: NetEnd, tap: Tap = NO_TAP) {
    this.#kernel = kernel;
    this.mac = mac;
    this.#rx = rx;
    this.#tx = tx;
    this.#tap = tap;
    this.#complaints = new Complaints(kernel);
    this.channels = bit(rx.ch);
    this.stack = new Stack({
      mac,
      output: (frame) => this.#send(frame),
      random: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
    });
  }

  /** `heir`: the buffers are in circulation already. */
  init(heir: boolean): void {
    if (!heir) this.#tx.free.fill(0);
    // A frame without a buffer is dropped: nobody waits for one.
    this.#tx.free.cancelSignal();
    this.startDhcp();
  }

  startDhcp(): void {
    this.stack.poll(this.#nowMs);
    this.stack.startDhcp({
      onChange: (config) => {
        if (config) this.#report(config.address);
      },
    });
    this.serve();
  }

  /** Addresses given by hand, or none. */
  configure(config: Ipv4Config | undefined): void {
    this.stack.dhcp.stop();
    this.stack.configure(config);
    this.events++;
  }

  get isUp(): boolean {
    return this.stack.config.address !== IPV4_ANY;
  }

  /** Takes the frames that have come and does what is due. Call it before every wait, and around calls of sockets. */
  serve(): void {
    const nowMs = this.#nowMs;
    const { active, free } = this.#rx;
    if (!active.empty || nowMs * NS_PER_MS >= this.dueNs) this.events++;
    this.stack.poll(nowMs);
    // A peer that never stops must not keep the client from seeing Ctrl-C: the rest comes with the next call.
    const more = active.drain((frame) => this.#receive(frame));
    const waitMs = more ? 0 : this.stack.poll(nowMs);
    this.dueNs = (nowMs + waitMs) * NS_PER_MS;
    if (free.requireSignal()) this.#kernel.notify(this.#rx.ch);
    if (this.#tx.active.requireSignal()) this.#kernel.notify(this.#tx.ch);
    if (active.broken || free.broken) this.#complain('The copier broke its queues: nothing comes from the network');
    if (this.#tx.active.broken || this.#tx.free.broken)
      this.#complain('The virtualiser broke its queues: nothing goes to the network');
  }

  /** Whether `serve` has work: cheap enough for every turn of the interpreter. */
  get pending(): boolean {
    if (!this.#rx.active.empty) return true;
    if (this.dueNs === Number.POSITIVE_INFINITY || ++this.#hooks < HOOKS_PER_LOOK) return false;
    this.#hooks = 0;
    return this.dueNs <= this.#kernel.now();
  }

  /** Lines for the console that came up since the last call. */
  takeNews(): string {
    const news = this.#news.join('');
    if (news !== '') this.#news = [];
    return news;
  }

  get #nowMs(): number {
    return this.#kernel.now() / NS_PER_MS;
  }

  #receive({ io_or_offset: offset, len }: NetBuffDesc): void {
    const { data, free } = this.#rx;
    if (!isBufferOffset(data, offset)) return this.#complain(`The copier provided offset ${offset} which is no buffer`);
    // The copier may not say more than the buffer holds; the stack makes its own copy and validates that.
    if (len <= NET_BUFFER_SIZE) {
      this.#tap.passed('receive', data.bytes, offset, len);
      this.stack.input(data.bytes.subarray(offset, offset + len));
    } else this.#complain(`The copier provided length ${len} which is no frame`);
    free.enqueue({ io_or_offset: offset, len: 0 });
  }

  #send(frame: Uint8Array): void {
    const { active, data, free } = this.#tx;
    const desc = free.dequeue();
    if (!desc) return void this.dropped++;
    const { io_or_offset: offset } = desc;
    if (!isBufferOffset(data, offset)) {
      this.dropped++;
      return this.#complain(`The virtualiser provided offset ${offset} which is no buffer`);
    }
    data.bytes.set(frame, offset);
    this.#tap.passed('send', frame);
    active.enqueue({ io_or_offset: offset, len: frame.length });
  }

  /** Upstream's line, letter for letter: its file, line and function are where lwIP's callback prints it. */
  #report(address: number): void {
    const where = 'mpnetworkport.c:138:netif_status_callback';
    const text = `DHCP request finished, IP address for netif e0 is: ${formatIpv4(address)}`;
    this.#news.push(`${this.#kernel.name}: ${where}: ${text}\n`);
  }

  #complain(text: string): void {
    this.#complaints.once(text, `MP|ERROR: ${text}`);
  }
}
