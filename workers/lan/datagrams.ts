/** What answers on UDP: DHCP, DNS, NTP, echo (RFC 862), discard (RFC 863) and daytime (RFC 867). */

import type { Stack } from '../../src/net/stack';
import type { Datagram, UdpSocket } from '../../src/net/udp_socket';
import { ntpReply } from '../../src/specs/ntp';
import { UDP_PORT } from '../../src/specs/udp';
import { GATEWAY, NAME_SERVER, PORT } from './addresses';
import { daytime } from './daytime';
import { DhcpServer } from './dhcp_server';
import { isError } from './failed';
import type { NameServer } from './name_server';

interface Service {
  readonly socket: UdpSocket;
  serve(socket: UdpSocket, datagram: Datagram): void;
}

export class Datagrams {
  readonly #services: Service[] = [];
  readonly #dhcp = new DhcpServer();

  constructor(
    readonly stack: Stack,
    names: NameServer,
    /** Unix time in milliseconds. */
    readonly wallClock: () => number,
  ) {
    this.#add(0, UDP_PORT.DHCP_SERVER, (socket, { data }) => {
      const answer = this.#dhcp.answer(data);
      if (answer) socket.sendTo(answer.bytes, answer.to, UDP_PORT.DHCP_CLIENT);
    });
    this.#answer(NAME_SERVER, UDP_PORT.DNS, (data) => names.answer(data));
    this.#answer(GATEWAY, UDP_PORT.NTP, (data) => ntpReply(data, wallClock(), wallClock()));
    this.#answer(GATEWAY, PORT.ECHO, (data) => data);
    this.#answer(GATEWAY, PORT.DISCARD, () => undefined);
    this.#answer(GATEWAY, PORT.DAYTIME, () => daytime(wallClock()));
  }

  turn(): void {
    for (const { socket, serve } of this.#services) {
      for (let datagram = socket.recvFrom(); !isError(datagram); datagram = socket.recvFrom()) serve(socket, datagram);
    }
  }

  #answer(address: number, port: number, answer: (data: Uint8Array) => Uint8Array | undefined): void {
    this.#add(address, port, (socket, { data, address: to, port: toPort }) => {
      const bytes = answer(data);
      // Port 0 cannot be answered, and an answer that finds no way is lost like any datagram.
      if (bytes) socket.sendTo(bytes, to, toPort);
    });
  }

  #add(address: number, port: number, serve: Service['serve']): void {
    const socket = this.stack.udp();
    const error = isError(socket) ? socket : socket.bind(address, port);
    if (isError(socket) || error) throw new Error(`lan cannot bind UDP port ${port}: ${error}`);
    this.#services.push({ socket, serve });
  }
}
