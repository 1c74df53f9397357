/** What a segment does to a connection: RFC 9293 section 3.10.7, with the checks of RFC 5961 against blind attackers. */
import { seqAtMost, seqBefore, TCP_FLAG, type TcpSegment } from '../specs/tcp';
import type { Frame } from './frame';
import type { TcpConnection, TcpState } from './tcp_connection';

const TAKES_DATA: readonly TcpState[] = ['ESTABLISHED', 'FIN_WAIT_1', 'FIN_WAIT_2'];

/** Section 3.10.7.3. */
export function inputSynSent(connection: TcpConnection, segment: TcpSegment): void {
  const { flags, acknowledgment } = segment;
  const hasAck = (flags & TCP_FLAG.ACK) !== 0;
  if (hasAck && acknowledgment !== connection.sender.nxt) return connection.refuse(segment);
  if (flags & TCP_FLAG.RST) return hasAck ? connection.end('ECONNREFUSED') : undefined;
  if (!(flags & TCP_FLAG.SYN)) return;
  connection.beginWith(segment);
  if (hasAck) {
    connection.sender.acknowledge(segment);
    return connection.establish();
  }
  // Both ends open at once.
  connection.state = 'SYN_RCVD';
  connection.sender.sendSyn();
}

/** Section 3.10.7.4. */
export function inputSynchronized(connection: TcpConnection, segment: TcpSegment, frame: Frame): void {
  const { flags, sequence } = segment;
  if (!connection.receiver.isAcceptable(segment)) return inputUnacceptable(connection, segment);
  if (flags & TCP_FLAG.RST) {
    // RFC 1337 section 3: an old segment must not make the peer's RST end the wait.
    if (connection.state === 'TIME_WAIT') return;
    // RFC 5961 section 3: one that only lies in the window may be a guess.
    if (sequence !== connection.receiver.nxt) return connection.challenge();
    const error = connection.state === 'SYN_RCVD' ? 'ECONNREFUSED' : 'ECONNRESET';
    return connection.end(connection.isOver ? undefined : error);
  }
  // RFC 5961 section 4.
  if (flags & TCP_FLAG.SYN) return connection.challenge();
  if (flags & TCP_FLAG.ACK && inputAck(connection, segment)) inputData(connection, segment, frame);
}

function inputUnacceptable(connection: TcpConnection, { flags, sequence }: TcpSegment): void {
  if (flags & TCP_FLAG.RST) return;
  const isSyn = (flags & (TCP_FLAG.SYN | TCP_FLAG.ACK)) === TCP_FLAG.SYN;
  if (connection.state === 'SYN_RCVD' && isSyn && sequence === connection.peerSequence)
    return connection.transmit(connection.sender.initialSequence, TCP_FLAG.SYN, 0, 0);
  if (connection.state === 'TIME_WAIT') connection.wait();
  connection.mustAck = true;
}

/** False when the segment is not to be looked at any further. */
function inputAck(connection: TcpConnection, segment: TcpSegment): boolean {
  const { sender } = connection;
  const { acknowledgment } = segment;
  const isOfSomethingSent = seqAtMost(acknowledgment, sender.sentUpTo);
  if (connection.state === 'SYN_RCVD') {
    if (!isOfSomethingSent || !seqBefore(sender.una, acknowledgment)) {
      connection.refuse(segment);
      return false;
    }
    sender.acknowledge(segment);
    sender.setWindow(segment);
    connection.establish();
    return true;
  }
  // RFC 5961 section 5: an old one may not be older than the peer's window.
  if (!isOfSomethingSent || seqBefore(acknowledgment, (sender.una - sender.widest) >>> 0)) {
    connection.challenge();
    return false;
  }
  sender.acknowledge(segment);
  if (sender.isFinAcked) connection.finAcked();
  return true;
}

function inputData(connection: TcpConnection, segment: TcpSegment, frame: Frame): void {
  if (!TAKES_DATA.includes(connection.state)) return;
  const { receiver } = connection;
  const end = (segment.sequence + segment.length) >>> 0;
  const isNew = segment.length > 0 && seqBefore(receiver.nxt, end);
  // RFC 9293 section 3.6.1: data that nobody will read.
  if (connection.isOrphan && isNew) return connection.abort('ECONNRESET');
  const arrival = receiver.accept(frame.bytes, segment);
  if (arrival === 'now') connection.mustAck = true;
  if (arrival === 'data') connection.owe(segment.length);
  if (receiver.isFinished) connection.finReached();
}
