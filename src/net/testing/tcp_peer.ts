/** A peer of a bench's stack that sends segments as a test says, not as TCP would. */
import { expect } from 'vitest';
import { TCP_FLAG, type TcpSegment } from '../../specs/tcp';
import type { TcpSocket } from '../tcp_socket';
import { arpFrame, Bench, OWN, PEER, type TcpFields, tcpFrame } from './frames';
import { ok } from './network';

const { ACK, SYN } = TCP_FLAG;

export class TcpPeer {
  readonly socket: TcpSocket;
  /** Our next sequence number, and the stack's first after its SYN. */
  sequence = 1001;
  readonly first: number;

  constructor(
    readonly bench = new Bench(),
    window = 20_000,
  ) {
    const listener = bench.stack.tcp();
    listener.bind(0, 80);
    listener.listen(8);
    bench.give(tcpFrame({ sequence: 1000, flags: SYN, window }));
    const [answer] = bench.takeSegments();
    expect(answer).toMatchObject({ flags: SYN | ACK, acknowledgment: 1001, length: 0 });
    this.first = (answer!.sequence + 1) >>> 0;
    this.send({ window });
    bench.take();
    this.socket = ok(listener.accept());
  }

  /** A segment: an acknowledgment of nothing new, unless told otherwise. `ack` counts from the stack's first byte. */
  send(fields: Partial<TcpFields> & { readonly ack?: number }): void {
    const acknowledgment = (this.first + (fields.ack ?? 0)) >>> 0;
    const alive = arpFrame(2, PEER, OWN);
    this.bench.give(
      alive,
      tcpFrame({ sequence: this.sequence, acknowledgment, flags: ACK, window: 20_000, ...fields }),
    );
  }

  /** What the stack has sent: its place in the stream and its length. */
  take(): [at: number, length: number][] {
    return this.bench.takeSegments().map(({ sequence, length }) => [(sequence - this.first) | 0, length]);
  }

  takeSegments(): TcpSegment[] {
    return this.bench.takeSegments();
  }

  get state(): string | undefined {
    return this.socket.connection!.state;
  }
}
