/** Our stack behind QEMU's user network: a lease, names, echoes and 8 MiB from a web server of this machine, all by libslirp. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { ipFrame, tcpFrame, udpFrame } from '../../src/net/testing/frames';
import { bytes, ip, ok } from '../../src/net/testing/network';
import { pcapngInterface, pcapngPacket, pcapngSectionHeader } from '../../src/specs/pcapng';
import { inFolder } from '../images';
import { compile, describeWith, Peer } from './peer';
import { Capture } from './tshark';

const SIZE = 8 << 20;
const GATEWAY = ip('10.0.2.2');

/** A name server that knows one alias and its address, written out as digits, and denies all other names. */
async function nameServer(): Promise<{ port: number; close: () => void }> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const isKnown = question.includes('\x05files\x05lions');
    const reply = Buffer.from(question);
    reply.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
    reply.writeUInt16BE(isKnown ? 2 : 0, 6);
    const alias = 'c00c 0005 0001 0000003c 0007 0468 6f73 74c0 12'.replaceAll(' ', '');
    const host = 'c029 0001 0001 0000003c 0004 0a000202'.replaceAll(' ', '');
    socket.send(isKnown ? Buffer.concat([reply, Buffer.from(alias + host, 'hex')]) : reply, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => socket.close() };
}

async function webServer(body: Uint8Array): Promise<{ port: number; close: () => void }> {
  const server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Length': body.length });
    response.end(request.method === 'GET' && request.url === '/disk.img' ? body : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

describeWith('slirp', 'libslirp', () => {
  test('the judge sees a frame of each kind that is wrong, and none that is right', () =>
    inFolder((folder) => {
      const segment = (sequence: number) => tcpFrame({ sequence, acknowledgment: 5, flags: 16, data: [1, 2] });
      const echo = ipFrame(1, [8, 0, 0, 0, 0, 0, 0, 0, 1], 2);
      const right = [segment(1), segment(3), echo, udpFrame(9, [1, 2])];
      const damaged = [
        [segment(5), 22] as const,
        [segment(5), 45] as const,
        [echo, 41] as const,
        [udpFrame(9, [1, 2]), 43] as const,
      ];
      const wrong = damaged.map(([frame, at]) => frame.with(at, frame[at]! ^ 1));
      const frames = [...right, ...wrong, udpFrame(53, [1, 2, 3]), segment(99)];
      const packets = frames.map((frame, i) => pcapngPacket(0, BigInt(i), frame));
      const seen = new Capture(folder, [pcapngSectionHeader(), pcapngInterface('wire'), ...packets]);
      expect(seen.count('frame')).toBe(10);
      expect(seen.bad).toHaveLength(6);
    }));

  test('DHCP, DNS, ping, and a download of 8 MiB', () =>
    inFolder(async (folder) => {
      const names = await nameServer();
      const body = bytes(SIZE, 3);
      const web = await webServer(body);
      const peer = new Peer(compile('slirp', folder), [String(names.port)]);
      const { stack } = peer;
      try {
        const log: string[] = [];
        expect(stack.startDhcp({ hostName: 'micropython', log: (text) => log.push(text) })).toBe(true);
        await peer.until('DHCP', () => stack.config.address !== 0);
        expect(stack.config).toEqual({
          address: ip('10.0.2.15'),
          mask: ip('255.255.255.0'),
          gateway: GATEWAY,
          dns: [ip('10.0.2.3')],
        });
        expect(log).toEqual(['DHCP lease of 10.0.2.15 from 10.0.2.2']);
        const { renewMs, endMs } = stack.dhcp.lease!;
        expect((endMs - renewMs) * 2).toBeCloseTo(86_400_000, -2);

        const lookup = stack.resolve('files.lions');
        const nobody = stack.resolve('nobody.lions');
        await peer.until('DNS', () => lookup.result !== undefined && nobody.result !== undefined);
        expect([lookup.result, nobody.result]).toEqual([[GATEWAY], 'EAI_NONAME']);

        const ping = stack.ping(GATEWAY);
        await peer.until('ping', () => ping.result !== undefined);
        expect(ping.result).toBeTypeOf('number');

        const socket = stack.tcp();
        expect(socket.connect(GATEWAY, web.port)).toBe('EINPROGRESS');
        await peer.until('connect', () => socket.writable);
        const request = 'GET /disk.img HTTP/1.0\r\nHost: files.lions\r\n\r\n';
        expect(socket.send(Buffer.from(request))).toBe(request.length);
        const parts: Buffer[] = [];
        const chunk = new Uint8Array(65_536);
        await peer.until('download', () => {
          for (;;) {
            const n = socket.recv(chunk);
            if (n === 'EAGAIN') return false;
            if (ok<number>(n) === 0) return true;
            parts.push(Buffer.from(chunk.subarray(0, n as number)));
          }
        });
        socket.close();
        const answer = Buffer.concat(parts);
        const start = answer.indexOf('\r\n\r\n') + 4;
        expect(answer.toString('latin1', 0, 15)).toBe('HTTP/1.1 200 OK');
        expect(Buffer.compare(answer.subarray(start), body)).toBe(0);

        const refused = stack.tcp();
        refused.connect(GATEWAY, 1);
        await peer.until('refusal', () => refused.error !== undefined);
        expect(refused.error).toBe('ECONNREFUSED');
        expectSound(folder, peer);
      } finally {
        peer.stop();
        names.close();
        web.close();
      }
    }));
});

/** Wireshark takes every frame for what it is meant to be. */
function expectSound(folder: string, { capture }: Peer): void {
  const seen = new Capture(folder, capture);
  expect(seen.bad).toEqual([]);
  const fields = ['dhcp.option.dhcp', 'dhcp.option.hostname', 'dns.qry.name', 'icmp.type', 'http.request.uri'];
  const lines = seen.fields('dhcp || dns || icmp.type == 0 || icmp.type == 8 || http.request', ...fields);
  const of = (protocol: number) => lines.map((line) => line.split('\t')[protocol]).filter((value) => value !== '');
  expect(of(0)).toEqual(['1', '2', '3', '5']);
  expect(of(1)).toEqual(['micropython', 'micropython']);
  expect(new Set(of(2))).toEqual(new Set(['files.lions', 'nobody.lions']));
  expect(of(3)).toEqual(['8', '0']);
  expect(of(4)).toEqual(['/disk.img']);
}
