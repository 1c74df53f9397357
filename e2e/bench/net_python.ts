/** What the network benchmark has Python do: the same as the peer, through MicroPython's sockets. */
import { expect } from '../fixtures';
import type { Machine } from '../machine';
import type { Moved } from './net_peer_messages';

/** The buffer is made once; bytes of an upload are those that the server says it got. */
const PROGRAM = `
import json, socket, time
buffer = bytearray(65536)
def connect(head):
    s = socket.socket()
    s.connect(('10.0.2.2', 80))
    t = time.ticks_us()
    s.write(head)
    return s, t
def download(size):
    s, t = connect(b'GET /big?size=%d HTTP/1.0\\r\\n\\r\\n' % size)
    while s.readline() != b'\\r\\n': pass
    n = 0
    while True:
        got = s.readinto(buffer)
        if not got: break
        n += got
    t = time.ticks_diff(time.ticks_us(), t)
    s.close()
    print(n, t)
def upload(size):
    s, t = connect(b'POST /discard HTTP/1.0\\r\\nContent-Length: %d\\r\\n\\r\\n' % size)
    for _ in range(size // len(buffer)): s.sendall(buffer)
    while s.readline() != b'\\r\\n': pass
    answer = s.readline()
    t = time.ticks_diff(time.ticks_us(), t)
    s.close()
    print(json.loads(answer)['bytes'], t)
def echo(count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    data = bytes(56)
    there = ('10.0.2.2', 7)
    t = time.ticks_us()
    for _ in range(count):
        s.sendto(data, there)
        s.recv(100)
    t = time.ticks_diff(time.ticks_us(), t)
    s.close()
    print(t)
`;

export class NetPython {
  private constructor(readonly machine: Machine) {}

  static async on(machine: Machine): Promise<NetPython> {
    await machine.run(PROGRAM);
    return new NetPython(machine);
  }

  /** `size` is a multiple of 64 KiB. */
  async move(what: 'download' | 'upload', size: number): Promise<Moved> {
    const [bytes, us] = numbers(await this.machine.run(`${what}(${size})`));
    return { bytes: bytes!, seconds: us! / 1e6 };
  }

  /** Notifications of each domain while `work` goes on, and frames that found the wire's rings full. */
  async counted(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await this.#counts();
    await work();
    const after = await this.#counts();
    return Object.fromEntries(Object.entries(after).map(([name, count]) => [name, count - before[name]!]));
  }

  async #counts(): Promise<Record<string, number>> {
    const { wire } = await this.machine.page.evaluate(() => window.lionsos.net.status());
    const domains = (await this.machine.list()).map(({ name, notifications }) => [name, notifications]);
    return { ...Object.fromEntries(domains), dropped: wire.out.drops + wire.in.drops };
  }

  /** Of `count` round trips, in microseconds: Python's own clock shows milliseconds. */
  async meanRoundTrip(count: number): Promise<number> {
    return Number(await this.machine.run(`echo(${count})`)) / count;
  }

  /** Each from frame to frame at the client's stack, in microseconds: by the capture, which costs something at every hop. */
  async roundTrips(count: number): Promise<readonly number[]> {
    const { page } = this.machine;
    await page.evaluate(() => window.lionsos.net.capture(true));
    const before = (await this.#seenByClient('receive')).length;
    await this.machine.run(`echo(${count})`);
    await expect.poll(async () => (await this.#seenByClient('receive')).length).toBe(before + count);
    const sent = (await this.#seenByClient('send')).slice(-count);
    const received = (await this.#seenByClient('receive')).slice(-count);
    await page.evaluate(() => window.lionsos.net.capture(false));
    return received.map((ns, i) => (ns - sent[i]!) / 1000);
  }

  /** When each datagram to or from the echo service passed the client, in nanoseconds. */
  #seenByClient(direction: 'send' | 'receive'): Promise<number[]> {
    return this.machine.page.evaluate(async (wanted) => {
      const rows = await window.lionsos.net.packets();
      const echoes = rows.filter((row) => row.direction === wanted && row.protocol === 'UDP');
      return echoes.map(({ seen }) => seen.micropython!).filter((ns) => ns !== undefined);
    }, direction);
  }
}

const numbers = (printed: string) => printed.trim().split(' ').map(Number);
