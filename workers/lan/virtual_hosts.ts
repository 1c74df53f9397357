/**
 * Makes one stack look like the hosts of QEMU's user network. As in libslirp, an ARP answer comes from the MAC address of the host that was
 * asked for, and packets come from the gateway's; frames for any of these reach the stack. What nobody on the network may send is dropped.
 */
import { ARP } from '../../src/specs/arp';
import { ETHERNET, ETHERNET_HEADER_SIZE, ETHERTYPE, MAC_SIZE } from '../../src/specs/ethernet';
import { IP_PROTOCOL, IPV4, IPV4_HEADER_SIZE } from '../../src/specs/ipv4';
import { GATEWAY, isHere, isInNetwork, macOf, NAME_SERVER } from './addresses';

const AT = ETHERNET_HEADER_SIZE;
const OURS = [GATEWAY, NAME_SERVER].map(macOf);

/** The stack's own. */
export const HOST_MAC = macOf(GATEWAY);

const viewOf = (frame: Uint8Array) => new DataView(frame.buffer, frame.byteOffset, frame.byteLength);

/** Readdresses a private copy of a frame to the stack; false when it is to be dropped. */
export function admit(frame: Uint8Array): boolean {
  if (OURS.some((mac) => mac.every((byte, i) => frame[i] === byte))) frame.set(HOST_MAC, ETHERNET.destination);
  const view = viewOf(frame);
  if (frame.length < AT + IPV4_HEADER_SIZE || view.getUint16(ETHERNET.type) !== ETHERTYPE.IPV4) return true;
  const source = view.getUint32(AT + IPV4.source);
  const destination = view.getUint32(AT + IPV4.destination);
  // An answer to one of our own addresses would come back to us, and be answered for ever.
  if (source !== 0 && (isHere(source) || !isInNetwork(source))) return false;
  // Nobody knows whether a host out there answers: a ping to it is lost, as in QEMU without the privilege to send one.
  return view.getUint8(AT + IPV4.protocol) !== IP_PROTOCOL.ICMP || isInNetwork(destination);
}

/** Gives an ARP packet the MAC address of the host it is about. */
export function dress(frame: Uint8Array): Uint8Array {
  const view = viewOf(frame);
  if (view.getUint16(ETHERNET.type) !== ETHERTYPE.ARP) return frame;
  const mac = macOf(view.getUint32(AT + ARP.senderIp));
  const dressed = frame.slice();
  dressed.set(mac, ETHERNET.source);
  dressed.set(mac.subarray(0, MAC_SIZE), AT + ARP.senderMac);
  return dressed;
}
