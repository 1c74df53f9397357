/** A buffer for one frame, with the views that headers, data and checksums need. The IP header begins at 14, so all headers are at even offsets. */
import { ETHERNET_HEADER_SIZE, ETHERNET_MTU } from '../specs/ethernet';

export const FRAME_MAX = ETHERNET_HEADER_SIZE + ETHERNET_MTU;
/** A received frame may have a VLAN tag's or a check sequence's length more; IP's own length says where its packet ends. */
const FRAME_SLACK = 8;

export class Frame {
  readonly bytes = new Uint8Array(FRAME_MAX + FRAME_SLACK);
  readonly view = new DataView(this.bytes.buffer);
  readonly halves = new Uint16Array(this.bytes.buffer);
  length = 0;

  /** A private copy of `frame`, which may lie in memory that others write; false when it is too long for Ethernet. */
  fill(frame: Uint8Array): boolean {
    // The length is read once: a view of a growing buffer may change its own.
    const length = frame.length;
    if (length > this.bytes.length) return false;
    this.bytes.set(frame.subarray(0, length));
    this.length = length;
    return true;
  }
}
