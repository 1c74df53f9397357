/** What stands at the two ends of the network's components in tests: a network card's driver, and clients. */
import type { Channel, Environment, Kernel, ProtectionDomain } from '../../../src/libmicrokit/pd';
import {
  NET_BUFFER_SIZE,
  type NetBuffDesc,
  type NetQueues,
  netReceiver,
  netSender,
} from '../../../src/protocol/net_queue';
import type { Region } from '../../../src/protocol/region';

interface Port extends NetQueues {
  readonly ch: Channel;
}

const ports = (env: Environment): { rx: Port; tx: Port } => {
  const of = (symbol: string) => [env.region(`${symbol}_free`), env.region(`${symbol}_active`)] as const;
  const [rx, tx] = [of('rx'), of('tx')];
  const driver = env.has('card');
  return {
    rx: { ch: env.channel('rx'), ...(driver ? netSender(...rx) : netReceiver(...rx)) },
    tx: { ch: env.channel('tx'), ...(driver ? netReceiver(...tx) : netSender(...tx)) },
  };
};

/** Buffers of one station, moved by the rules of the queues: it signals when asked, asks when it has looked at everything. */
export class Station implements ProtectionDomain {
  readonly kernel: Kernel;
  /** The driver sends what the others receive. */
  readonly #card: boolean;
  readonly ports: { rx: Port; tx: Port };
  /** Buffers that it can put frames into. */
  readonly stock: NetBuffDesc[] = [];
  /** Buffers with frames that it has read and not given back. */
  readonly read: NetBuffDesc[] = [];

  constructor(
    env: Environment,
    readonly frameAt: Readonly<Record<'received' | 'sent', (desc: NetBuffDesc) => Uint8Array>>,
    readonly sink: (frame: Uint8Array) => void,
    /** Gives buffers back as soon as it has read them. */
    public prompt = true,
  ) {
    this.kernel = env.kernel;
    this.ports = ports(env);
    this.#card = env.has('card');
  }

  /** Where its frames go, and where frames come from. */
  get #out(): Port {
    return this.#card ? this.ports.rx : this.ports.tx;
  }

  get #in(): Port {
    return this.#card ? this.ports.tx : this.ports.rx;
  }

  init(): void {
    // A client puts its own transmit buffers into circulation.
    if (!this.#card) this.ports.tx.free.fill(0);
    this.notified();
  }

  notified(): void {
    while (this.#out.free.drain((desc) => this.stock.push(desc)));
    const take = (desc: NetBuffDesc) => {
      this.sink(this.frameAt.received(desc));
      this.read.push(desc);
    };
    while (this.#in.active.drain(take));
    if (this.prompt) this.giveBack(this.read.length);
  }

  /** Sends one frame if it has a buffer; nobody is told before `tell`. */
  send(frame: Uint8Array): boolean {
    const desc = this.stock.shift();
    if (!desc) return false;
    this.frameAt.sent({ ...desc, len: frame.length }).set(frame);
    return this.#out.active.enqueue({ io_or_offset: desc.io_or_offset, len: frame.length });
  }

  tell(): void {
    if (this.#out.active.requireSignal()) this.kernel.notify(this.#out.ch);
  }

  giveBack(count: number): void {
    for (const { io_or_offset } of this.read.splice(0, count)) this.#in.free.enqueue({ io_or_offset, len: 0 });
    if (this.#in.free.requireSignal()) this.kernel.notify(this.#in.ch);
  }
}

/** The frame that a descriptor names, by offset or by physical address in one of `regions`; throws if it names none. */
export function frames(regions: readonly Region[], physical: boolean): (desc: NetBuffDesc) => Uint8Array {
  return ({ io_or_offset, len }) => {
    for (const { bytes, size, paddr = 0 } of regions) {
      const offset = io_or_offset - (physical ? paddr : 0);
      const inside = offset >= 0 && offset < size && offset % NET_BUFFER_SIZE === 0 && len <= NET_BUFFER_SIZE;
      if (inside) return bytes.subarray(offset, offset + len);
    }
    throw new Error(`no buffer at 0x${io_or_offset.toString(16)} of ${len}`);
  };
}
