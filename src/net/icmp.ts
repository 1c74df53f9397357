/** ICMP, RFC 792 with RFC 1122 section 3.2.2: answers echoes, sends echoes, reports and hears that something cannot be reached. */
import { ICMP, ICMP_HEADER_SIZE, ICMP_QUOTE_SIZE, ICMP_TYPE, ICMP_UNREACHABLE } from '../specs/icmp';
import { checksumOf, IP_PROTOCOL, IPV4, IPV4_ANY, IPV4_HEADER_SIZE, onesSum } from '../specs/ipv4';
import type { NetError } from './errors';
import { IP_PAYLOAD, IP_PAYLOAD_MAX, type Ipv4, type Packet } from './ipv4';

const MAX_PINGS = 64;
export const PING_MAX = IP_PAYLOAD_MAX - ICMP_HEADER_SIZE;
/** Errors sent per second at most, RFC 1812 section 4.3.2.8. */
const MAX_ERRORS_PER_S = 50;

/** An echo that was sent. `result` is its way's time in milliseconds once it has come back; an error when it cannot. */
export interface Ping {
  readonly destination: number;
  readonly sentMs: number;
  result: number | NetError | undefined;
}

/** An error that came about a packet of ours: the quoted protocol, addresses and first four bytes, which are its ports. */
export interface Unreachable {
  readonly error: NetError;
  readonly protocol: number;
  readonly source: number;
  readonly destination: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The quoted TCP sequence number; meaningless for others. */
  readonly sequence: number;
}

/** RFC 1122 sections 4.1.3.3 and 4.2.3.9, as BSD and Linux name them. */
const ERROR_OF_CODE: Readonly<Record<number, NetError>> = {
  [ICMP_UNREACHABLE.NET]: 'ENETUNREACH',
  [ICMP_UNREACHABLE.PROTOCOL]: 'ECONNREFUSED',
  [ICMP_UNREACHABLE.PORT]: 'ECONNREFUSED',
};

export class Icmp {
  /** By sequence number, oldest first. */
  readonly #pings = new Map<number, Ping>();
  readonly #identifier: number;
  #sequence = 0;
  #errorsSince = Number.NEGATIVE_INFINITY;
  #errors = 0;

  constructor(
    readonly ip: Ipv4,
    readonly unreachable: (error: Unreachable) => void,
  ) {
    this.#identifier = ip.netif.below(0x1_0000);
  }

  /** Sends an echo with `size` bytes, at most PING_MAX. Who asked looks at `result`, and gives up when it likes. */
  ping(destination: number, size = 56): Ping {
    const { netif } = this.ip;
    const sequence = (this.#sequence = (this.#sequence + 1) & 0xffff);
    const ping: Ping = { destination, sentMs: netif.now, result: undefined };
    if (size > PING_MAX) {
      ping.result = 'EMSGSIZE';
      return ping;
    }
    const [oldest] = this.#pings.keys();
    if (this.#pings.size >= MAX_PINGS) this.#pings.delete(oldest!);
    this.#pings.set(sequence, ping);
    netif.out.bytes.fill(0x61, IP_PAYLOAD + ICMP_HEADER_SIZE, IP_PAYLOAD + ICMP_HEADER_SIZE + size);
    netif.out.view.setUint16(IP_PAYLOAD + ICMP.identifier, this.#identifier);
    netif.out.view.setUint16(IP_PAYLOAD + ICMP.sequence, sequence);
    const error = this.#send(ICMP_TYPE.ECHO, 0, this.ip.sourceFor(destination), destination, ICMP_HEADER_SIZE + size);
    if (error) ping.result = error;
    return ping;
  }

  /** Tells the sender of `packet` that it cannot be delivered, quoting it. Not about what came to many, or from nobody. */
  sendUnreachable(packet: Packet, code: number): void {
    const { frame, headerAt, at, length, source, destination, toMany } = packet;
    if (toMany || source === IPV4_ANY || this.#tooManyErrors()) return;
    const quote = at - headerAt + Math.min(length, ICMP_QUOTE_SIZE);
    const { bytes, view } = this.ip.netif.out;
    view.setUint32(IP_PAYLOAD + ICMP.identifier, 0);
    bytes.set(frame.bytes.subarray(headerAt, headerAt + quote), IP_PAYLOAD + ICMP_HEADER_SIZE);
    this.#send(ICMP_TYPE.DESTINATION_UNREACHABLE, code, destination, source, ICMP_HEADER_SIZE + quote);
  }

  /** No neighbour answered for `destination`. */
  fail(isVia: (destination: number) => boolean): void {
    for (const ping of this.#pings.values()) if (isVia(ping.destination)) ping.result ??= 'EHOSTUNREACH';
  }

  input(packet: Packet): void {
    const { frame, at, length } = packet;
    const { counters } = this.ip.netif;
    if (length < ICMP_HEADER_SIZE) return void counters.malformed++;
    if (checksumOf(onesSum(frame.halves, at, length)) !== 0) return void counters.badChecksum++;
    switch (frame.view.getUint8(at + ICMP.type)) {
      case ICMP_TYPE.ECHO:
        return this.#answer(packet);
      case ICMP_TYPE.ECHO_REPLY:
        return this.#answered(packet);
      case ICMP_TYPE.DESTINATION_UNREACHABLE:
        return this.#hearUnreachable(packet);
    }
  }

  /** RFC 1122 section 3.2.2.6 lets a host ignore echoes to many: else one frame would make everyone answer. */
  #answer({ frame, at, length, source, destination, toMany }: Packet): void {
    if (toMany || source === IPV4_ANY || length > IP_PAYLOAD_MAX) return;
    this.ip.netif.out.bytes.set(frame.bytes.subarray(at, at + length), IP_PAYLOAD);
    this.#send(ICMP_TYPE.ECHO_REPLY, 0, destination, source, length);
  }

  #answered({ frame, at }: Packet): void {
    if (frame.view.getUint16(at + ICMP.identifier) !== this.#identifier) return;
    const sequence = frame.view.getUint16(at + ICMP.sequence);
    const ping = this.#pings.get(sequence);
    if (!ping) return;
    this.#pings.delete(sequence);
    ping.result ??= this.ip.netif.now - ping.sentMs;
  }

  #hearUnreachable({ frame, at, length }: Packet): void {
    const quoted = at + ICMP_HEADER_SIZE;
    const size = length - ICMP_HEADER_SIZE;
    const { view } = frame;
    const headerSize = size >= IPV4_HEADER_SIZE ? (view.getUint8(quoted) & 0xf) * 4 : 0;
    if (headerSize < IPV4_HEADER_SIZE || size < headerSize + ICMP_QUOTE_SIZE)
      return void this.ip.netif.counters.malformed++;
    const code = view.getUint8(at + ICMP.code);
    // That a packet would need fragments never holds of ours on a link with our MTU; RFC 5927 says what a liar could do with it.
    if (code === ICMP_UNREACHABLE.FRAGMENTATION_NEEDED) return;
    const ports = quoted + headerSize;
    this.unreachable({
      error: ERROR_OF_CODE[code] ?? 'EHOSTUNREACH',
      protocol: view.getUint8(quoted + IPV4.protocol),
      source: view.getUint32(quoted + IPV4.source),
      destination: view.getUint32(quoted + IPV4.destination),
      sourcePort: view.getUint16(ports),
      destinationPort: view.getUint16(ports + 2),
      sequence: view.getUint32(ports + 4),
    });
  }

  /** The rest of the header and the data are in place. */
  #send(type: number, code: number, source: number, destination: number, length: number): NetError | undefined {
    const { view, halves } = this.ip.netif.out;
    view.setUint8(IP_PAYLOAD + ICMP.type, type);
    view.setUint8(IP_PAYLOAD + ICMP.code, code);
    view.setUint16(IP_PAYLOAD + ICMP.checksum, 0);
    view.setUint16(IP_PAYLOAD + ICMP.checksum, checksumOf(onesSum(halves, IP_PAYLOAD, length)));
    return this.ip.send(IP_PROTOCOL.ICMP, source, destination, length);
  }

  #tooManyErrors(): boolean {
    const { now } = this.ip.netif;
    if (now - this.#errorsSince >= 1000) {
      this.#errorsSince = now;
      this.#errors = 0;
    }
    return ++this.#errors > MAX_ERRORS_PER_S;
  }
}
