/** The life of a lease, against a server that answers, is silent, or refuses. RFC 2131 section 4.4. */
import { expect, test } from 'vitest';
import { DHCP_MESSAGE, DHCP_OPTION, dhcpU32 } from '../specs/dhcp';
import { formatIpv4 } from '../specs/ipv4';
import { DhcpServer } from './testing/dhcp_server';
import { ip, Network } from './testing/network';

const { DISCOVER, OFFER, REQUEST, ACK, NAK } = DHCP_MESSAGE;

function begin() {
  const network = new Network();
  const gateway = network.add(1);
  const client = network.add(0);
  const server = new DhcpServer(gateway, () => network.now);
  const told: string[] = [];
  const log: string[] = [];
  client.startDhcp({
    hostName: 'lion',
    onChange: (config) => told.push(config ? formatIpv4(config.address) : 'none'),
    log: (text) => log.push(text),
  });
  network.agents.push(() => server.step());
  const run = (done: () => boolean) => network.run(done);
  const until = (ms: number) => network.pass(ms - network.now);
  return { network, client, server, told, log, run, until };
}

test('four messages, and all that the server said is used', () => {
  const { network, client, server, told, log, run } = begin();
  run(() => client.dhcp.state === 'bound');
  expect(client.config).toEqual({
    address: ip('10.0.0.77'),
    mask: ip('255.255.255.0'),
    gateway: ip('10.0.0.1'),
    dns: [ip('10.0.0.1'), ip('10.0.0.3')],
  });
  expect(network.now).toBeLessThan(10);
  expect(server.log).toEqual(['DISCOVER 0', 'REQUEST 0']);
  expect([server.requested(0), server.requested(1)]).toEqual([undefined, ip('10.0.0.77')]);
  expect(Buffer.from(server.heard[0]!.message.options.get(DHCP_OPTION.HOST_NAME)!).toString()).toBe('lion');
  expect(server.heard[1]!.message.xid).toBe(server.heard[0]!.message.xid);
  expect(told).toEqual(['10.0.0.77']);
  expect(log).toEqual(['DHCP lease of 10.0.0.77 from 10.0.0.1']);
  expect(client.poll(network.now)).toBeCloseTo(500_000, -2);
});

test('without a server the waits double, about a second to about a minute', () => {
  const { server, until } = begin();
  server.answers = () => undefined;
  until(400_000);
  const times = server.heard.map(({ atMs }) => atMs);
  const waits = times.slice(1).map((at, i) => (at - times[i]!) / 1000);
  expect(waits.length).toBeGreaterThan(8);
  for (const [i, wait] of waits.entries()) expect(Math.abs(wait - Math.min(2 ** i, 64))).toBeLessThanOrEqual(1.1);
});

test('an offer whose acknowledgment does not come is requested four times, then all begins again', () => {
  const { client, server, until, run } = begin();
  server.answers = ({ type }) => (type === DISCOVER ? OFFER : undefined);
  until(30_000);
  const types = server.heard.map(({ type }) => type);
  expect(types.slice(0, 6)).toEqual([DISCOVER, REQUEST, REQUEST, REQUEST, REQUEST, DISCOVER]);
  server.answers = ({ type }) => (type === DISCOVER ? OFFER : ACK);
  run(() => client.dhcp.state === 'bound');
});

test('renewed at half the lease from the server alone; nobody is told, since nothing changed', () => {
  const { server, told, until, client } = begin();
  until(1_200_000);
  expect(server.log).toEqual(['DISCOVER 0', 'REQUEST 0', 'REQUEST unicast 500', 'REQUEST unicast 1000']);
  const renewal = server.heard[2]!.message;
  expect([renewal.ciaddr, server.requested(2)]).toEqual([ip('10.0.0.77'), undefined]);
  expect(renewal.options.has(DHCP_OPTION.SERVER_ID)).toBe(false);
  expect(told).toEqual(['10.0.0.77']);
  expect(client.dhcp.state).toBe('bound');
});

test('a silent server: asked again, then everyone is, then the address is given up', () => {
  const { server, told, log, until, client } = begin();
  until(100);
  server.answers = () => undefined;
  until(999_000);
  expect(client.config.address).toBe(ip('10.0.0.77'));
  expect(server.log.slice(2)).toEqual([
    'REQUEST unicast 500',
    'REQUEST unicast 688',
    'REQUEST unicast 781',
    'REQUEST unicast 841',
    'REQUEST 875',
    'REQUEST 938',
    'REQUEST 998',
  ]);
  until(1_001_000);
  expect(client.config.address).toBe(0);
  expect(told).toEqual(['10.0.0.77', 'none']);
  expect(log.at(-1)).toBe('DHCP lease expired');
  expect(server.heard.at(-1)!.type).toBe(DISCOVER);
});

test('a renewal that is refused takes the address at once; another is asked for', () => {
  const { server, told, until, client, run } = begin();
  until(100);
  server.answers = ({ type }) => (type === REQUEST ? NAK : OFFER);
  until(500_900);
  expect(client.config.address).toBe(0);
  server.address = ip('10.0.0.78');
  server.answers = ({ type }) => (type === REQUEST ? ACK : OFFER);
  run(() => client.dhcp.state === 'bound');
  expect(told).toEqual(['10.0.0.77', 'none', '10.0.0.78']);
});

test('T1 and T2 are as the server says, when they are in order', () => {
  const { server, until, client } = begin();
  server.more = [
    [DHCP_OPTION.RENEWAL_TIME, dhcpU32(100)],
    [DHCP_OPTION.REBINDING_TIME, dhcpU32(200)],
  ];
  until(100);
  const { renewMs, rebindMs, endMs } = client.dhcp.lease!;
  expect([renewMs, rebindMs, endMs].map((ms) => Math.round(ms / 1000))).toEqual([100, 200, 1000]);
  server.more = [[DHCP_OPTION.RENEWAL_TIME, dhcpU32(2000)]];
  until(101_000);
  expect(Math.round(client.dhcp.lease!.rebindMs / 1000)).toBe(975);
});

test('a lease without an end needs no timer', () => {
  const { network, server, until, client } = begin();
  server.leaseS = 0xffff_ffff;
  until(100);
  expect(client.poll(network.now)).toBe(Number.POSITIVE_INFINITY);
});

test('offers to others, without a server or of no address are not taken', () => {
  const { server, until, client } = begin();
  server.address = 0xffff_ffff;
  until(100);
  expect(client.dhcp.state).toBe('selecting');
});

test('an address that changes resets what was connected from it', () => {
  const { network, server, until, client } = begin();
  until(100);
  const listener = network.stacks[0]!.tcp();
  listener.bind(0, 80);
  listener.listen(1);
  const socket = client.tcp();
  socket.connect(ip('10.0.0.1'), 80);
  until(200);
  expect(socket.writable).toBe(true);
  server.address = ip('10.0.0.78');
  until(501_000);
  expect(client.config.address).toBe(ip('10.0.0.78'));
  expect(socket.recv(new Uint8Array(1))).toBe('ENETDOWN');
});

test('stopping keeps the address and looks after it no longer; the port is taken once', () => {
  const { network, until, client } = begin();
  until(100);
  const socket = client.udp();
  expect(typeof socket === 'string' || socket.bind(0, 68)).toBe('EADDRINUSE');
  client.dhcp.stop();
  expect(client.config.address).toBe(ip('10.0.0.77'));
  expect(client.poll(network.now)).toBe(Number.POSITIVE_INFINITY);
  expect(typeof socket === 'string' || socket.bind(0, 68)).toBeUndefined();
  expect(client.startDhcp()).toBe(false);
});
