/** What the network benchmark has Python do: the same as the peer, through MicroPython's sockets. */
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
    times = []
    for _ in range(count):
        t = time.ticks_us()
        s.sendto(data, there)
        s.recv(100)
        times.append(time.ticks_diff(time.ticks_us(), t))
    s.close()
    print(*times)
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

  /** In microseconds. */
  async roundTrips(count: number): Promise<readonly number[]> {
    return numbers(await this.machine.run(`echo(${count})`));
  }
}

const numbers = (printed: string) => printed.trim().split(' ').map(Number);
