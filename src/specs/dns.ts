/** Domain Name System: messages with questions and answers of class IN. RFC 1035 section 4. Numbers are big-endian. */

/** Offsets within the header. */
export const DNS = { id: 0, flags: 2, questions: 4, answers: 6, authorities: 8, additionals: 10 } as const;
export const DNS_HEADER_SIZE = 12;

export const DNS_FLAG = {
  RESPONSE: 0x8000,
  AUTHORITATIVE: 0x0400,
  TRUNCATED: 0x0200,
  RECURSION_DESIRED: 0x0100,
  RECURSION_AVAILABLE: 0x0080,
} as const;
export const DNS_RCODE_MASK = 0x000f;
export const DNS_RCODE = { OK: 0, FORMAT_ERROR: 1, SERVER_FAILURE: 2, NAME_ERROR: 3, NOT_IMPLEMENTED: 4 } as const;

export const DNS_TYPE = { A: 1, CNAME: 5, AAAA: 28 } as const;
export const DNS_CLASS_IN = 1;

/** RFC 1035 section 2.3.4. */
export const DNS_MAX_LABEL = 63;
export const DNS_MAX_NAME = 255;
/** Two bits that make two bytes a pointer into the message, section 4.1.4. */
const POINTER = 0xc0;

export interface DnsQuestion {
  /** In lower case, without a dot at the end. */
  readonly name: string;
  readonly type: number;
}

export interface DnsRecord extends DnsQuestion {
  /** Seconds. */
  readonly ttl: number;
  /** Of an A record. */
  readonly address?: number;
  /** Of a CNAME record. */
  readonly target?: string;
}

export interface DnsMessage {
  readonly id: number;
  readonly flags: number;
  readonly questions: readonly DnsQuestion[];
  /** Records of other types have neither address nor target. */
  readonly answers: readonly DnsRecord[];
}

/** Undefined where `bytes` are no message: too short for what it says it has, or a name that runs in circles. */
export function readDns(bytes: Uint8Array): DnsMessage | undefined {
  if (bytes.length < DNS_HEADER_SIZE) return undefined;
  try {
    return new Reader(bytes).message();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads forward; past the end, DataView throws a RangeError. */
class Reader {
  readonly #view: DataView;
  #at = DNS_HEADER_SIZE;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  message(): DnsMessage {
    const count = (at: number) => ({ length: this.#view.getUint16(at) });
    return {
      id: this.#view.getUint16(DNS.id),
      flags: this.#view.getUint16(DNS.flags),
      questions: Array.from(count(DNS.questions), () => this.#question()),
      answers: Array.from(count(DNS.answers), () => this.#record()),
    };
  }

  #u16(): number {
    return this.#view.getUint16((this.#at += 2) - 2);
  }

  #question(): DnsQuestion {
    const name = this.#name();
    const type = this.#u16();
    this.#u16();
    return { name, type };
  }

  #record(): DnsRecord {
    const question = this.#question();
    const ttl = this.#view.getUint32(this.#at);
    this.#at += 4;
    const end = this.#u16() + this.#at;
    if (end > this.bytes.length) throw new RangeError('a record runs over the end');
    const record = { ...question, ttl, ...this.#data(question.type) };
    this.#at = end;
    return record;
  }

  #data(type: number): { address?: number; target?: string } {
    if (type === DNS_TYPE.A) return { address: this.#view.getUint32(this.#at) };
    return type === DNS_TYPE.CNAME ? { target: this.#name() } : {};
  }

  #name(): string {
    const labels: string[] = [];
    let resume: number | undefined;
    // A name has at most 127 labels: more steps than twice that go in circles.
    for (let steps = 0; steps < DNS_MAX_NAME; steps++) {
      const length = this.#view.getUint8(this.#at++);
      if (length === 0) {
        if (resume !== undefined) this.#at = resume;
        return labels.join('.').toLowerCase();
      }
      if (length >= POINTER) {
        const low = this.#view.getUint8(this.#at++);
        resume ??= this.#at;
        this.#at = ((length & ~POINTER) << 8) | low;
        continue;
      }
      if (length > DNS_MAX_LABEL || this.#at + length > this.bytes.length) throw new RangeError('a bad label');
      labels.push(String.fromCharCode(...this.bytes.subarray(this.#at, (this.#at += length))));
    }
    throw new RangeError('a name runs in circles');
  }
}

/** A name as labels with their lengths; undefined where it cannot be one: empty, too long, or not ASCII. */
export function encodeDnsName(name: string): Uint8Array | undefined {
  const labels = name.replace(/\.$/, '').split('.');
  const isLabel = (label: string) => label.length > 0 && label.length <= DNS_MAX_LABEL && /^[\x21-\x7e]+$/.test(label);
  if (!labels.every(isLabel)) return undefined;
  const bytes = labels.flatMap((label) => [label.length, ...Array.from(label, (char) => char.charCodeAt(0))]);
  return bytes.length + 1 > DNS_MAX_NAME ? undefined : Uint8Array.of(...bytes, 0);
}

/** A message of our own. Names are those of a message that was read, or fit `encodeDnsName`: others are our own mistake. */
export function writeDns({ id, flags, questions, answers }: DnsMessage): Uint8Array {
  const u16 = (value: number) => [value >>> 8, value & 0xff];
  const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
  const question = ({ name, type }: DnsQuestion) => [...nameBytes(name), ...u16(type), ...u16(DNS_CLASS_IN)];
  const record = (answer: DnsRecord) => {
    const data = answer.target === undefined ? u32(answer.address ?? 0) : nameBytes(answer.target);
    return [...question(answer), ...u32(answer.ttl), ...u16(data.length), ...data];
  };
  const header = [id, flags, questions.length, answers.length, 0, 0].flatMap(u16);
  return Uint8Array.from([...header, ...questions.flatMap(question), ...answers.flatMap(record)]);
}

function nameBytes(name: string): number[] {
  const bytes = encodeDnsName(name);
  if (!bytes) throw new RangeError(`${name} is not a domain name`);
  return [...bytes];
}
