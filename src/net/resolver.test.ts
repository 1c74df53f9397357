/** The resolver against name servers that answer, lie, or are silent. RFC 1035 section 7. */
import { expect, test } from 'vitest';
import { DNS_RCODE, DNS_TYPE, type DnsMessage, type DnsRecord, readDns, writeDns } from '../specs/dns';
import { ip, Network, ok } from './testing/network';

const a = (name: string, address: string, ttl = 60): DnsRecord => ({
  name,
  type: DNS_TYPE.A,
  ttl,
  address: ip(address),
});
const alias = (name: string, target: string, ttl = 60): DnsRecord => ({ name, type: DNS_TYPE.CNAME, ttl, target });

type Answer = (question: DnsMessage) => DnsMessage | Uint8Array | undefined;
const answering =
  (...answers: DnsRecord[]): Answer =>
  (question) => ({ ...question, flags: 0x8180, answers });
const code =
  (rcode: number): Answer =>
  (question) => ({ ...question, flags: 0x8180 | rcode });

function begin(...servers: Answer[]) {
  const network = new Network();
  const client = network.add(2);
  const asked: string[] = [];
  const sockets = servers.map((_, i) => {
    const socket = ok(network.add(10 + i).udp());
    socket.bind(0, 53);
    return socket;
  });
  client.configure({ ...client.config, dns: servers.map((_, i) => ip(`10.0.0.${10 + i}`)) });
  const step = () => {
    for (const [i, socket] of sockets.entries()) {
      const datagram = socket.recvFrom();
      if (typeof datagram === 'string') continue;
      const question = readDns(datagram.data)!;
      asked.push(`${i} ${question.questions[0]!.name} ${Math.round(network.now / 1000)}`);
      const answer = servers[i]!(question);
      if (answer)
        socket.sendTo(answer instanceof Uint8Array ? answer : writeDns(answer), datagram.address, datagram.port);
    }
  };
  network.agents.push(step);
  const resolve = (name: string) => {
    const lookup = client.resolve(name);
    network.run(() => lookup.result !== undefined);
    return lookup.result;
  };
  return { network, client, asked, resolve };
}

test('an address, all of several, and without asking: numbers, localhost, what can be no name', () => {
  const { resolve, asked } = begin((question) =>
    answering(a(question.questions[0]!.name, '10.0.0.7'), a(question.questions[0]!.name, '10.0.0.8'))(question),
  );
  expect(resolve('Files.Lions.')).toEqual([ip('10.0.0.7'), ip('10.0.0.8')]);
  expect([resolve('192.0.2.1'), resolve('localhost')]).toEqual([[ip('192.0.2.1')], [ip('127.0.0.1')]]);
  expect(['', 'a..b', 'x'.repeat(64), 'a b'].map(resolve)).toEqual(Array(4).fill('EAI_NONAME'));
  expect(asked).toEqual(['0 files.lions 0']);
});

test('an answer is kept as long as it says, the shortest time of its chain', () => {
  const { network, resolve, asked } = begin(answering(alias('www.os', 'os', 100), a('os', '10.0.0.7', 50)));
  resolve('www.os');
  network.pass(49_000);
  expect(resolve('www.os')).toEqual([ip('10.0.0.7')]);
  expect(asked).toHaveLength(1);
  network.pass(2000);
  resolve('www.os');
  expect(asked).toHaveLength(2);
});

test('aliases are followed through several questions, but not in circles', () => {
  const { resolve, asked } = begin((question) => {
    const { name } = question.questions[0]!;
    if (name === 'a') return answering(alias('a', 'b'))(question);
    if (name === 'b') return answering(alias('b', 'c'), alias('c', 'd'))(question);
    if (name === 'd') return answering(a('d', '10.0.0.7'))(question);
    return answering(alias('x', 'y'), alias('y', 'x'))(question);
  });
  expect(resolve('a')).toEqual([ip('10.0.0.7')]);
  expect(asked).toEqual(['0 a 0', '0 b 0', '0 d 0']);
  expect(resolve('x')).toBe('EAI_FAIL');
});

test('no such name, and a name without an address', () => {
  expect(begin(code(DNS_RCODE.NAME_ERROR)).resolve('x')).toBe('EAI_NONAME');
  expect(begin(answering()).resolve('x')).toBe('EAI_NONAME');
});

test('silence: asked four times, each wait twice as long, all servers in turn', () => {
  const { resolve, asked, network } = begin(
    () => undefined,
    () => undefined,
  );
  expect(resolve('x')).toBe('EAI_AGAIN');
  expect(asked).toEqual(['0 x 0', '1 x 1', '0 x 3', '1 x 7']);
  expect(Math.round(network.now / 1000)).toBe(15);
});

test('a server that fails or whose port is closed: the next is asked at once', () => {
  const { resolve, asked } = begin(code(DNS_RCODE.SERVER_FAILURE), answering(a('x', '10.0.0.7')));
  expect(resolve('x')).toEqual([ip('10.0.0.7')]);
  expect(asked).toEqual(['0 x 0', '1 x 0']);
  const { network, client } = begin(answering(a('x', '10.0.0.7')));
  const bare = network.add(30);
  client.configure({ ...client.config, dns: [bare.config.address] });
  const lookup = client.resolve('x');
  network.run(() => lookup.result !== undefined);
  expect([lookup.result, network.now < 1000]).toEqual(['EAI_AGAIN', true]);
});

test.each<[string, Answer]>([
  [
    'another identifier',
    (question) => ({ ...answering(a('x', '6.6.6.6'))(question), id: question.id ^ 1 }) as DnsMessage,
  ],
  [
    'another question',
    (question) => ({ ...question, flags: 0x8180, questions: [{ name: 'y', type: 1 }], answers: [a('x', '6.6.6.6')] }),
  ],
  [
    'another type',
    (question) => ({ ...question, flags: 0x8180, questions: [{ name: 'x', type: 28 }], answers: [a('x', '6.6.6.6')] }),
  ],
  ['no question', (question) => ({ ...question, flags: 0x8180, questions: [], answers: [a('x', '6.6.6.6')] })],
  ['a question back', (question) => ({ ...question, answers: [a('x', '6.6.6.6')] })],
  ['no message', () => Uint8Array.of(1, 2, 3)],
])('%s is no answer', (_, answer) => {
  expect(begin(answer).resolve('x')).toBe('EAI_AGAIN');
});

test('records about other names do not count', () => {
  expect(begin(answering(a('y', '6.6.6.6'), alias('z', 'x'))).resolve('x')).toBe('EAI_NONAME');
});

test('who asks the same at once shares the question; too many questions are refused; no server is no answer', () => {
  const { client } = begin(() => undefined);
  expect(client.resolve('x')).toBe(client.resolve('X'));
  const lookups = Array.from({ length: 40 }, (_, i) => client.resolve(`n${i}`));
  expect(lookups.filter(({ result }) => result === 'EAI_AGAIN')).toHaveLength(9);
  const bare = new Network().add(2);
  expect(bare.resolve('x').result).toBe('EAI_AGAIN');
  expect(bare.poll(1)).toBe(Number.POSITIVE_INFINITY);
});
