/** One connection: its state, RFC 9293 section 3.3.2, how it opens and ends, and its timers. */
import { TCP_DEFAULT_MSS, TCP_FLAG, type TcpSegment } from '../specs/tcp';
import type { NetError } from './errors';
import type { Frame } from './frame';
import type { Tcp } from './tcp';
import { inputSynchronized, inputSynSent } from './tcp_input';
import { KeepAlive } from './tcp_keepalive';
import type { TcpListener } from './tcp_listener';
import { TcpReceiver } from './tcp_receiver';
import { TcpSender } from './tcp_sender';

export type TcpState =
  | 'CLOSED'
  | 'SYN_SENT'
  | 'SYN_RCVD'
  | 'ESTABLISHED'
  | 'FIN_WAIT_1'
  | 'FIN_WAIT_2'
  | 'CLOSE_WAIT'
  | 'CLOSING'
  | 'LAST_ACK'
  | 'TIME_WAIT';

/** The largest segment that fits a frame. */
export const TCP_MSS = 1460;
/** A peer that takes less would make us send little but headers. */
const LEAST_MSS = 64;
/** Section 3.4.1 names 2 minutes; the usual 30 s are as safe on networks of today. */
const TWICE_MSL_MS = 60_000;
/** A peer that never closes its side after we closed ours. */
const FIN_WAIT_2_MS = 60_000;
const DELAYED_ACK_MS = 40;
/** Probes of a window that stays closed, when nobody waits for the data to be sent any more. */
const MAX_ORPHAN_PROBES = 8;

const ENDS_TOGETHER: readonly TcpState[] = ['CLOSED', 'CLOSING', 'LAST_ACK', 'TIME_WAIT'];

export class TcpConnection {
  state: TcpState = 'CLOSED';
  readonly sender: TcpSender;
  readonly receiver: TcpReceiver;
  readonly keepAlive: KeepAlive;
  /** Why it ended, when not in order; whoever is told takes it away. */
  error: NetError | undefined;
  /** The application has closed it. */
  isOrphan = false;
  #ackMs = Number.POSITIVE_INFINITY;
  #unackedBytes = 0;
  /** The peer is to hear of what has come, at once. */
  mustAck = false;
  /** The end of TIME_WAIT, or of an orphan's FIN_WAIT_2. */
  #endMs = Number.POSITIVE_INFINITY;
  /** Of the peer's SYN. */
  peerSequence = 0;

  constructor(
    readonly tcp: Tcp,
    readonly localAddress: number,
    readonly localPort: number,
    readonly remoteAddress: number,
    readonly remotePort: number,
    /** Who accepts it once it is established. */
    public listener?: TcpListener,
  ) {
    const { netif } = tcp.ip;
    this.receiver = new TcpReceiver(tcp.bufferSize);
    this.sender = new TcpSender(netif, netif.random() >>> 0, tcp.bufferSize, (sequence, flags, offset, length) =>
      this.transmit(sequence, flags, offset, length),
    );
    this.keepAlive = new KeepAlive(netif, () => this.transmit((this.sender.una - 1) >>> 0, 0, 0, 0));
  }

  /** Active open. */
  connect(): void {
    this.state = 'SYN_SENT';
    this.sender.sendSyn();
  }

  /** Passive open, by the SYN that came. */
  answer(syn: TcpSegment): void {
    this.beginWith(syn);
    this.state = 'SYN_RCVD';
    this.sender.sendSyn();
  }

  get isSynchronized(): boolean {
    return this.state !== 'CLOSED' && this.state !== 'SYN_SENT';
  }

  /** No FIN of ours yet: more can be sent. */
  get canSend(): boolean {
    return !this.sender.isClosing && (this.state === 'ESTABLISHED' || this.state === 'CLOSE_WAIT');
  }

  /** Both sides are done with it. */
  get isOver(): boolean {
    return ENDS_TOGETHER.includes(this.state);
  }

  input(segment: TcpSegment, frame: Frame): void {
    this.keepAlive.heard();
    if (this.state === 'SYN_SENT') inputSynSent(this, segment);
    else inputSynchronized(this, segment, frame);
    if (this.state === 'CLOSED') return;
    this.sender.output();
    if (this.mustAck) this.acknowledge();
  }

  /** Sends a bare acknowledgment. */
  acknowledge(): void {
    this.transmit(this.sender.max, 0, 0, 0);
  }

  /** No more data from here: FIN after what is queued. */
  finish(): void {
    if (!this.canSend) return;
    this.sender.isClosing = true;
    this.state = this.state === 'ESTABLISHED' ? 'FIN_WAIT_1' : 'LAST_ACK';
    this.sender.output();
  }

  /** The application goes away. Data that it has not read is lost, and the peer must know: RFC 2525 section 2.17. */
  close(): void {
    this.isOrphan = true;
    const isUnread = this.receiver.buffer.length > 0;
    if (isUnread || this.state === 'SYN_SENT' || this.state === 'SYN_RCVD') return this.abort();
    this.finish();
    if (this.state === 'FIN_WAIT_2') this.#endMs = this.tcp.ip.netif.now + FIN_WAIT_2_MS;
  }

  /** Ends it here and now, with a RST where the peer knows of it. */
  abort(error?: NetError): void {
    const hasPeer = this.isSynchronized && this.state !== 'TIME_WAIT';
    if (hasPeer) this.transmit(this.sender.max, TCP_FLAG.RST, 0, 0);
    this.end(error);
  }

  end(error?: NetError): void {
    if (this.state === 'CLOSED') return;
    this.state = 'CLOSED';
    this.error = error;
    this.sender.stop();
    this.sender.buffer.clear();
    this.tcp.forget(this);
    this.listener?.forget(this);
  }

  /** Does what is due; returns when to look again. */
  poll(): number {
    const { now } = this.tcp.ip.netif;
    if (now >= this.#endMs) this.end();
    const isHopeless = this.isOrphan && this.sender.probes > MAX_ORPHAN_PROBES;
    const error = isHopeless ? 'ETIMEDOUT' : (this.sender.poll() ?? this.keepAlive.poll(this.#isQuiet));
    if (error) this.abort(error);
    if (this.state === 'CLOSED') return Number.POSITIVE_INFINITY;
    if (now >= this.#ackMs) this.acknowledge();
    return Math.min(this.#endMs, this.sender.deadline, this.keepAlive.deadline(this.#isQuiet), this.#ackMs);
  }

  get #isQuiet(): boolean {
    return this.isSynchronized && this.state !== 'TIME_WAIT' && this.sender.inFlight === 0;
  }

  beginWith(syn: TcpSegment): void {
    this.peerSequence = syn.sequence;
    this.receiver.begin(syn.sequence);
    this.sender.setMss(Math.min(TCP_MSS, Math.max(syn.mss ?? TCP_DEFAULT_MSS, LEAST_MSS)));
    if (syn.windowScale !== undefined) {
      this.sender.windowScale = syn.windowScale;
      this.receiver.isScaled = true;
    }
    this.sender.setWindow(syn);
  }

  establish(): void {
    this.state = 'ESTABLISHED';
    this.mustAck = true;
    this.listener?.established(this);
  }

  finAcked(): void {
    if (this.state === 'FIN_WAIT_1') {
      this.state = 'FIN_WAIT_2';
      if (this.isOrphan) this.#endMs = this.tcp.ip.netif.now + FIN_WAIT_2_MS;
    } else if (this.state === 'CLOSING') this.wait();
    else if (this.state === 'LAST_ACK') this.end();
  }

  /** The peer's FIN has come, and all before it. */
  finReached(): void {
    if (this.state === 'ESTABLISHED') this.state = 'CLOSE_WAIT';
    else if (this.state === 'FIN_WAIT_1') this.state = 'CLOSING';
    else this.wait();
  }

  /** RFC 5681 section 4.2: an acknowledgment for every second segment at least, and soon. */
  owe(bytes: number): void {
    this.#unackedBytes += bytes;
    if (this.#unackedBytes >= 2 * this.sender.mss) this.mustAck = true;
    this.#ackMs = Math.min(this.#ackMs, this.tcp.ip.netif.now + DELAYED_ACK_MS);
  }

  challenge(): void {
    if (this.tcp.mayChallenge()) this.mustAck = true;
  }

  /** Answers a segment that this connection cannot have asked for. */
  refuse(segment: TcpSegment): void {
    this.tcp.output.reset(this.localAddress, this.remoteAddress, segment);
  }

  /** TIME_WAIT, from the beginning. */
  wait(): void {
    if (this.state !== 'TIME_WAIT') this.tcp.waits(this);
    this.state = 'TIME_WAIT';
    this.sender.stop();
    this.#endMs = this.tcp.ip.netif.now + TWICE_MSL_MS;
  }

  transmit(sequence: number, flags: number, offset: number, length: number): void {
    this.mustAck = false;
    this.#ackMs = Number.POSITIVE_INFINITY;
    this.#unackedBytes = 0;
    this.tcp.output.transmit(this, sequence, flags, offset, length);
  }
}
