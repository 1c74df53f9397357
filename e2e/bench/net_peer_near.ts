/**
 * The near end of the bare wire: the client's stack with nothing between it and the rings, and no Python above it. It sleeps in
 * Atomics.wait, as the client does.
 */
import { Stack } from '../../src/net/stack';
import { Region } from '../../src/protocol/region';
import { WireReceiver, WireSender } from '../../src/protocol/wire';
import { parseIpv4 } from '../../src/specs/ipv4';
import type { Done, Moved, Rings, Task } from './net_peer_messages';

const PIECE = 65_536;
const HTTP = 80;
const ECHO = 7;
/** Frames after which the stack has its turn: a sender that never stops would keep it waiting. */
const MAX_FRAMES = 256;
const ip = (text: string) => parseIpv4(text)!;
const HOST = ip('10.0.2.2');

class Near {
  readonly #stack: Stack;
  readonly #receiver: WireReceiver;

  constructor({ out, into }: Rings) {
    const sender = new WireSender(new Region('wire_tx', out));
    this.#receiver = new WireReceiver(new Region('wire_rx', into));
    this.#stack = new Stack({
      mac: Uint8Array.of(0x52, 0x54, 1, 0, 0, 1),
      output: (frame) => void sender.send(frame),
      random: () => crypto.getRandomValues(new Uint32Array(1))[0]!,
      config: { address: ip('10.0.2.15'), mask: ip('255.255.255.0'), gateway: HOST, dns: [] },
    });
  }

  do(task: Task): Done {
    if (task.what === 'echo') return { roundTrips: this.#echo(task.count) };
    return task.what === 'download' ? this.#download(task.size) : this.#upload(task.size);
  }

  #download(size: number): Moved {
    const { send, recv } = this.#connect();
    const started = performance.now();
    send(`GET /big?size=${size} HTTP/1.0\r\n\r\n`);
    const into = new Uint8Array(PIECE);
    const first = recv(into);
    let bytes = first - bodyAt(into.subarray(0, first));
    for (let n = recv(into); n > 0; n = recv(into)) bytes += n;
    return { bytes, seconds: (performance.now() - started) / 1000 };
  }

  #upload(size: number): Moved {
    const { send, recv } = this.#connect();
    const piece = new Uint8Array(PIECE);
    const started = performance.now();
    send(`POST /discard HTTP/1.0\r\nContent-Length: ${size}\r\n\r\n`);
    for (let left = size; left > 0; left -= PIECE) send(piece.subarray(0, left));
    let length = 0;
    for (let n = recv(piece); n > 0; n = recv(piece.subarray(length))) length += n;
    const seconds = (performance.now() - started) / 1000;
    const { bytes } = JSON.parse(new TextDecoder().decode(piece.subarray(bodyAt(piece), length)));
    return { bytes, seconds };
  }

  #echo(count: number): number[] {
    const socket = this.#stack.udp();
    if (typeof socket === 'string') throw new Error(socket);
    const data = new Uint8Array(56);
    return Array.from({ length: count }, () => {
      const started = performance.now();
      this.#until(() => socket.sendTo(data, HOST, ECHO));
      this.#until(() => socket.recvFrom());
      return (performance.now() - started) * 1000;
    });
  }

  #connect() {
    const socket = this.#stack.tcp();
    this.#until(() => {
      const error = socket.connect(HOST, HTTP);
      if (error === 'EISCONN') return true;
      return error === 'EALREADY' || error === 'EINPROGRESS' ? 'EAGAIN' : error;
    });
    const send = (what: string | Uint8Array) => {
      const data = typeof what === 'string' ? new TextEncoder().encode(what) : what;
      for (let at = 0; at < data.length; ) at += this.#until(() => socket.send(data.subarray(at)));
    };
    return { send, recv: (into: Uint8Array) => this.#until(() => socket.recv(into)) };
  }

  /** What `attempt` gives, which is repeated whenever something has come while it gives EAGAIN. */
  #until<T>(attempt: () => T): Exclude<T, string> {
    for (;;) {
      const { words, index, seen } = this.#receiver.sleep;
      this.#stack.poll(performance.now());
      const frames = this.#take();
      const result = attempt();
      const waitMs = this.#stack.poll(performance.now());
      if (typeof result !== 'string') return result as Exclude<T, string>;
      if (result !== 'EAGAIN') throw new Error(result);
      if (frames < MAX_FRAMES) Atomics.wait(words, index, seen, waitMs);
    }
  }

  #take(): number {
    for (let taken = 0; taken < MAX_FRAMES; taken++) {
      const frame = this.#receiver.receive();
      if (!frame) return taken;
      this.#stack.input(frame);
    }
    return MAX_FRAMES;
  }
}

/** Where the body begins; the head comes in one piece here. */
function bodyAt(bytes: Uint8Array): number {
  const end = new TextDecoder('latin1').decode(bytes).indexOf('\r\n\r\n');
  if (end < 0) throw new Error('an answer without a head');
  return end + 4;
}

function attempted(work: () => Done): Done {
  try {
    return work();
  } catch (error) {
    return { failed: String(error) };
  }
}

self.onmessage = ({ data: rings }: MessageEvent<Rings>) => {
  const near = new Near(rings);
  self.onmessage = ({ data: task }: MessageEvent<Task>) => self.postMessage(attempted(() => near.do(task)));
};
