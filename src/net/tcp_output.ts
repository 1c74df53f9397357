/** How segments are written. RFC 9293 section 3.1; the RST that answers what cannot be, section 3.10.7.1. */
import { checksumOf, IP_PROTOCOL, onesSum, pseudoHeaderSum } from '../specs/ipv4';
import { TCP, TCP_FLAG, TCP_HEADER_SIZE, TCP_SYN_OPTIONS_SIZE, type TcpSegment, writeSynOptions } from '../specs/tcp';
import { IP_PAYLOAD, type Ipv4 } from './ipv4';
import { TCP_MSS, type TcpConnection } from './tcp_connection';

export class TcpOutput {
  constructor(readonly ip: Ipv4) {}

  /** A segment with `length` bytes, `offset` from the front of the sender's buffer. */
  transmit(connection: TcpConnection, sequence: number, flags: number, offset: number, length: number): void {
    const { view, bytes } = this.ip.netif.out;
    const { sender, receiver } = connection;
    const isSyn = (flags & TCP_FLAG.SYN) !== 0;
    const headerSize = TCP_HEADER_SIZE + (isSyn ? TCP_SYN_OPTIONS_SIZE : 0);
    const hasAck = connection.isSynchronized;
    const isScaled = !hasAck || receiver.isScaled;
    if (isSyn)
      writeSynOptions(view, IP_PAYLOAD + TCP_HEADER_SIZE, TCP_MSS, isScaled ? receiver.offeredScale : undefined);
    sender.buffer.peek(offset, bytes, IP_PAYLOAD + headerSize, length);
    view.setUint16(IP_PAYLOAD + TCP.sourcePort, connection.localPort);
    view.setUint16(IP_PAYLOAD + TCP.destinationPort, connection.remotePort);
    view.setUint32(IP_PAYLOAD + TCP.sequence, sequence);
    view.setUint32(IP_PAYLOAD + TCP.acknowledgment, hasAck ? receiver.nxt : 0);
    view.setUint16(IP_PAYLOAD + TCP.window, isSyn ? receiver.offerUnscaled() : receiver.offer(TCP_MSS));
    this.#send(
      connection.localAddress,
      connection.remoteAddress,
      headerSize,
      length,
      flags | (hasAck ? TCP_FLAG.ACK : 0),
    );
  }

  /** Answers a segment that nothing here can have asked for. */
  reset(source: number, destination: number, segment: TcpSegment): void {
    const { flags, sequence, acknowledgment, length, sourcePort, destinationPort } = segment;
    if (flags & TCP_FLAG.RST) return;
    const { view } = this.ip.netif.out;
    const hasAck = (flags & TCP_FLAG.ACK) !== 0;
    const end = sequence + length + (flags & TCP_FLAG.SYN ? 1 : 0) + (flags & TCP_FLAG.FIN ? 1 : 0);
    view.setUint16(IP_PAYLOAD + TCP.sourcePort, destinationPort);
    view.setUint16(IP_PAYLOAD + TCP.destinationPort, sourcePort);
    view.setUint32(IP_PAYLOAD + TCP.sequence, hasAck ? acknowledgment : 0);
    view.setUint32(IP_PAYLOAD + TCP.acknowledgment, hasAck ? 0 : end >>> 0);
    view.setUint16(IP_PAYLOAD + TCP.window, 0);
    this.#send(source, destination, TCP_HEADER_SIZE, 0, TCP_FLAG.RST | (hasAck ? 0 : TCP_FLAG.ACK));
  }

  /** The rest of the header, the options and the data are in place. */
  #send(source: number, destination: number, headerSize: number, length: number, flags: number): void {
    const { view, halves } = this.ip.netif.out;
    const total = headerSize + length;
    view.setUint16(IP_PAYLOAD + TCP.dataOffset, ((headerSize / 4) << 12) | flags);
    view.setUint16(IP_PAYLOAD + TCP.checksum, 0);
    view.setUint16(IP_PAYLOAD + TCP.urgentPointer, 0);
    const pseudo = pseudoHeaderSum(source, destination, IP_PROTOCOL.TCP, total);
    view.setUint16(IP_PAYLOAD + TCP.checksum, checksumOf(onesSum(halves, IP_PAYLOAD, total) + pseudo));
    // What finds no way is as good as lost on it: the timers see to it.
    this.ip.send(IP_PROTOCOL.TCP, source, destination, total);
  }
}
