/** The DNS server: a few names of this network, and, while requests are carried, an address that stands for each other name. RFC 1035. */
import {
  DNS_FLAG,
  DNS_RCODE,
  DNS_TYPE,
  type DnsQuestion,
  type DnsRecord,
  readDns,
  writeDns,
} from '../../src/specs/dns';
import { CARRIED, GATEWAY, NAME_SERVER } from './addresses';

const NAMES: ReadonlyMap<string, number> = new Map([
  ['gateway', GATEWAY],
  ['host', GATEWAY],
  ['course', GATEWAY],
  ['ntp', GATEWAY],
  ['pool.ntp.org', GATEWAY],
  ['time', GATEWAY],
  ['dns', NAME_SERVER],
]);
/** The pool's members: what `ntptime` and its like ask for. */
const POOL = /^[0-3]\.([a-z-]+\.)?pool\.ntp\.org$/;
const TTL_S = 300;
/** Names that have an address at once; the oldest loses its own. */
const MAX_CARRIED = 1024;

export class NameServer {
  /** Whether other names have an address. */
  carries = false;
  /** The address of each carried name, oldest first. */
  readonly #carried = new Map<string, number>();
  #next = 1;

  /** Undefined for what is no query. */
  answer(bytes: Uint8Array): Uint8Array | undefined {
    const query = readDns(bytes);
    if (!query || query.flags & DNS_FLAG.RESPONSE) return undefined;
    const { id, questions } = query;
    const [question] = questions;
    const common = DNS_FLAG.RESPONSE | DNS_FLAG.RECURSION_AVAILABLE | (query.flags & DNS_FLAG.RECURSION_DESIRED);
    if (questions.length !== 1 || !question || question.name === '')
      return writeDns({ id, flags: common | DNS_RCODE.FORMAT_ERROR, questions: [], answers: [] });
    if ((query.flags & OPCODE_MASK) !== 0)
      return this.#reply(id, common | DNS_RCODE.NOT_IMPLEMENTED, question, undefined);
    const address = this.addressOf(question.name);
    const rcode = address === undefined ? DNS_RCODE.NAME_ERROR : DNS_RCODE.OK;
    return this.#reply(id, common | rcode, question, address);
  }

  /** The name that an address stands for. */
  carriedName(address: number): string | undefined {
    for (const [name, its] of this.#carried) if (its === address) return name;
    return undefined;
  }

  addressOf(name: string): number | undefined {
    const known = NAMES.get(name) ?? (POOL.test(name) ? GATEWAY : undefined);
    if (known !== undefined || !this.carries) return known;
    // A name without a dot is a machine nearby, and there are no others.
    return /^([a-z0-9-]+\.)+[a-z][a-z0-9-]*$/.test(name) ? this.#carry(name) : undefined;
  }

  #carry(name: string): number {
    const known = this.#carried.get(name);
    if (known !== undefined) return known;
    const [oldest] = this.#carried.keys();
    if (this.#carried.size >= MAX_CARRIED) this.#carried.delete(oldest!);
    const size = ~CARRIED.mask >>> 0;
    const address = (CARRIED.network + this.#next) >>> 0;
    this.#next = (this.#next % (size - 1)) + 1;
    this.#carried.set(name, address);
    return address;
  }

  /** A name that is known has no other records than its address: no error, and no answer. */
  #reply(id: number, flags: number, question: DnsQuestion, address: number | undefined): Uint8Array | undefined {
    const isAsked = address !== undefined && question.type === DNS_TYPE.A;
    const answers: DnsRecord[] = isAsked ? [{ ...question, ttl: TTL_S, address }] : [];
    // The names of a query were read, and may still be none: a label may hold any byte.
    try {
      return writeDns({ id, flags, questions: [question], answers });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return writeDns({ id, flags: (flags & ~0xf) | DNS_RCODE.FORMAT_ERROR, questions: [], answers: [] });
    }
  }
}

/** Section 4.1.1: only standard queries are answered. */
const OPCODE_MASK = 0x7800;
