/**
 * DNS stub resolver, RFC 1035 section 7: asks the servers of the configuration for A records, follows aliases, keeps answers as long as they
 * say. Every question has a port and an identifier of its own, RFC 5452. Answers that are cut are taken as they are; there is no TCP.
 */
import {
  DNS_FLAG,
  DNS_RCODE,
  DNS_RCODE_MASK,
  DNS_TYPE,
  type DnsMessage,
  encodeDnsName,
  readDns,
  writeDns,
} from '../specs/dns';
import { IPV4_LOCALHOST, parseIpv4 } from '../specs/ipv4';
import { UDP_PORT } from '../specs/udp';
import type { NetError } from './errors';
import type { Netif } from './netif';
import type { Udp } from './udp';
import type { UdpSocket } from './udp_socket';

const FIRST_WAIT_MS = 1000;
/** Attempts, over all servers in turn; each waits twice as long: 15 s in all. */
const MAX_ATTEMPTS = 4;
const MAX_QUESTIONS = 32;
const MAX_ALIASES = 8;
const MAX_CACHED = 128;
const MAX_TTL_S = 86_400;

/** A question on its way; `result` once it is answered. EAI_NONAME: there is no such name; EAI_AGAIN: nobody answered. */
export interface Lookup {
  readonly name: string;
  result: readonly number[] | NetError | undefined;
}

interface Question {
  readonly lookup: Lookup;
  /** The name asked for now: that of the lookup, or an alias of it. */
  name: string;
  aliases: number;
  /** The shortest time of what was learned so far, in seconds. */
  ttl: number;
  id: number;
  attempts: number;
  nextMs: number;
  socket: UdpSocket | undefined;
}

export class Resolver {
  #questions: Question[] = [];
  /** In the order of their coming. */
  readonly #cache = new Map<string, { addresses: readonly number[]; endMs: number }>();

  constructor(
    readonly netif: Netif,
    readonly udp: Udp,
  ) {}

  /** Begins to look for the addresses of `name`, which may be one itself. */
  resolve(name: string): Lookup {
    const wanted = name.replace(/\.$/, '').toLowerCase();
    const known = this.#known(wanted);
    if (known) return { name, result: known };
    const asked = this.#questions.find(({ lookup }) => lookup.name === wanted);
    if (asked) return asked.lookup;
    const lookup: Lookup = { name: wanted, result: undefined };
    if (this.#questions.length >= MAX_QUESTIONS) lookup.result = 'EAI_AGAIN';
    if (lookup.result) return lookup;
    const question: Question = {
      lookup,
      name: wanted,
      aliases: 0,
      ttl: MAX_TTL_S,
      id: 0,
      attempts: 0,
      nextMs: 0,
      socket: undefined,
    };
    this.#questions.push(question);
    this.#ask(question);
    return lookup;
  }

  /** Another network: what was learned may not hold there. */
  clear(): void {
    this.#cache.clear();
  }

  /** Takes answers and asks again; returns when to look again. */
  poll(): number {
    for (const question of this.#questions) {
      this.#receive(question);
      if (question.lookup.result === undefined && this.netif.now >= question.nextMs) this.#ask(question);
    }
    this.#questions = this.#questions.filter(({ lookup }) => lookup.result === undefined);
    return Math.min(...this.#questions.map(({ nextMs }) => nextMs));
  }

  #known(name: string): readonly number[] | NetError | undefined {
    const address = name === 'localhost' ? IPV4_LOCALHOST : parseIpv4(name);
    if (address !== undefined) return [address];
    if (!encodeDnsName(name)) return 'EAI_NONAME';
    const cached = this.#cache.get(name);
    if (cached && cached.endMs > this.netif.now) return cached.addresses;
    this.#cache.delete(name);
    return undefined;
  }

  #ask(question: Question): void {
    const { dns } = this.netif.config;
    const server = dns[question.attempts % dns.length];
    if (server === undefined || question.attempts >= MAX_ATTEMPTS) return this.#finish(question, 'EAI_AGAIN');
    question.nextMs = this.netif.now + FIRST_WAIT_MS * 2 ** question.attempts++;
    question.id = this.netif.below(0x1_0000);
    question.socket?.close();
    question.socket = undefined;
    const socket = this.udp.open();
    if (typeof socket === 'string') return;
    question.socket = socket;
    const questions = [{ name: question.name, type: DNS_TYPE.A }];
    const message = { id: question.id, flags: DNS_FLAG.RECURSION_DESIRED, questions, answers: [] };
    // What cannot be sent is as good as lost on the way: the next attempt follows.
    if (!socket.connect(server, UDP_PORT.DNS)) socket.send(writeDns(message));
  }

  #receive(question: Question): void {
    while (question.socket && question.lookup.result === undefined) {
      const datagram = question.socket.recvFrom();
      if (datagram === 'EAGAIN') return;
      // The server's port is closed: the next one is asked at once.
      if (typeof datagram === 'string') return void (question.nextMs = this.netif.now);
      const message = readDns(datagram.data);
      if (message && answers(message, question)) return this.#take(message, question);
    }
  }

  #take(message: DnsMessage, question: Question): void {
    const code = message.flags & DNS_RCODE_MASK;
    if (code === DNS_RCODE.NAME_ERROR) return this.#finish(question, 'EAI_NONAME');
    // A server that fails may have neighbours that do not.
    if (code !== DNS_RCODE.OK) return void (question.nextMs = this.netif.now);
    const asked = question.name;
    if (!this.#followAliases(message, question)) return this.#finish(question, 'EAI_FAIL');
    const records = message.answers.filter(({ name, type }) => name === question.name && type === DNS_TYPE.A);
    if (records.length > 0) {
      question.ttl = Math.min(question.ttl, ...records.map(({ ttl }) => ttl));
      return this.#finish(
        question,
        records.map(({ address }) => address!),
      );
    }
    if (question.name === asked) return this.#finish(question, 'EAI_NONAME');
    question.attempts = 0;
    this.#ask(question);
  }

  /** Goes from alias to alias as far as this answer leads; false when there are too many. */
  #followAliases({ answers }: DnsMessage, question: Question): boolean {
    for (;;) {
      const alias = answers.find(({ name, target }) => name === question.name && target !== undefined);
      if (!alias) return true;
      if (++question.aliases > MAX_ALIASES || !encodeDnsName(alias.target!)) return false;
      question.ttl = Math.min(question.ttl, alias.ttl);
      question.name = alias.target!;
    }
  }

  #finish(question: Question, result: readonly number[] | NetError): void {
    question.lookup.result = result;
    question.socket?.close();
    question.socket = undefined;
    if (typeof result === 'string' || question.ttl <= 0) return;
    const [oldest] = this.#cache.keys();
    if (this.#cache.size >= MAX_CACHED) this.#cache.delete(oldest!);
    this.#cache.set(question.lookup.name, { addresses: result, endMs: this.netif.now + question.ttl * 1000 });
  }
}

/** RFC 5452 section 9.1: the right identifier, and the question given back. */
function answers({ id, flags, questions }: DnsMessage, question: Question): boolean {
  const isResponse = (flags & DNS_FLAG.RESPONSE) !== 0;
  return isResponse && id === question.id && questions[0]?.name === question.name && questions[0].type === DNS_TYPE.A;
}
