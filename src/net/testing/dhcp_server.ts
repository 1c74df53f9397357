/** A DHCP server on a stack of its own, which does what a test tells it: RFC 2131 section 4.3. */
import {
  DHCP_MESSAGE,
  DHCP_OPTION,
  type DhcpMessage,
  dhcpU32,
  readDhcp,
  readDhcpU32s,
  writeDhcp,
} from '../../specs/dhcp';
import type { Stack } from '../stack';
import type { UdpSocket } from '../udp_socket';
import { ip, ok } from './network';

export interface Heard {
  /** RFC 2132's number. */
  readonly type: number;
  readonly atMs: number;
  readonly message: DhcpMessage;
  readonly isBroadcast: boolean;
}

export class DhcpServer {
  readonly heard: Heard[] = [];
  /** What to answer; undefined is silence. */
  answers: (heard: Heard) => number | undefined = ({ type }) =>
    type === DHCP_MESSAGE.DISCOVER ? DHCP_MESSAGE.OFFER : DHCP_MESSAGE.ACK;
  address = ip('10.0.0.77');
  leaseS = 1000;
  more: [number, Uint8Array][] = [];
  readonly #socket: UdpSocket;

  constructor(
    readonly stack: Stack,
    readonly now: () => number,
  ) {
    this.#socket = ok(stack.udp());
    this.#socket.bind(0, 67);
  }

  step(): void {
    for (;;) {
      const datagram = this.#socket.recvFrom();
      if (typeof datagram === 'string') return;
      const message = readDhcp(datagram.data)!;
      const type = message.options.get(DHCP_OPTION.MESSAGE_TYPE)![0]!;
      const heard = { type, atMs: this.now(), message, isBroadcast: datagram.to === 0xffff_ffff };
      this.heard.push(heard);
      const answer = this.answers(heard);
      if (answer !== undefined) this.#reply(answer, message);
    }
  }

  /** Types with the second they came in. */
  get log(): string[] {
    const names = Object.entries(DHCP_MESSAGE);
    return this.heard.map(({ type, atMs, isBroadcast }) => {
      const [name] = names.find(([, number]) => number === type)!;
      return `${name}${isBroadcast ? '' : ' unicast'} ${Math.round(atMs / 1000)}`;
    });
  }

  requested(index: number): number | undefined {
    return readDhcpU32s(this.heard[index]!.message.options.get(DHCP_OPTION.REQUESTED_ADDRESS))[0];
  }

  #reply(type: number, request: DhcpMessage): void {
    const own = this.stack.config.address;
    const isNak = type === DHCP_MESSAGE.NAK;
    const options: [number, Uint8Array][] = isNak
      ? []
      : [
          [DHCP_OPTION.SUBNET_MASK, dhcpU32(ip('255.255.255.0'))],
          [DHCP_OPTION.ROUTER, dhcpU32(own)],
          [DHCP_OPTION.DNS, dhcpU32(own, ip('10.0.0.3'))],
          [DHCP_OPTION.LEASE_TIME, dhcpU32(this.leaseS)],
          ...this.more,
        ];
    const reply = writeDhcp({
      ...request,
      op: 2,
      yiaddr: isNak ? 0 : this.address,
      options: new Map([
        [DHCP_OPTION.MESSAGE_TYPE, Uint8Array.of(type)],
        [DHCP_OPTION.SERVER_ID, dhcpU32(own)],
        ...options,
      ]),
    });
    this.#socket.sendTo(reply, request.ciaddr !== 0 && !isNak ? request.ciaddr : 0xffff_ffff, 68);
  }
}
