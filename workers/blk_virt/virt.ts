/**
 * Block virtualiser: gives each client its own partition of one disk. Trusts the driver to move data, not to count; trusts no
 * client. Twin of au-ts/sddf blk/components/virt.c.
 */

import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { type BlkStorageInfo, readStorageInfo, writeStorageInfo } from '../../src/protocol/blk_info';
import {
  BLK_QUEUE_CAPACITY,
  BLK_REQ_CODE,
  BLK_RESP_STATUS,
  BLK_TRANSFER_SIZE,
  type BlkReqRing,
  type BlkRespRing,
} from '../../src/protocol/blk_queue';
import type { Region } from '../../src/protocol/region';
import { TRACE } from '../../src/protocol/trace';
import { packBlocks } from '../../src/protocol/trace_words';
import { type LogicalWalk, readRecord, recordBlock } from './logical';
import { type Gpt, type Partition, readGptEntries, readTable, refusal, SECTOR, type Table } from './partitions';
import { RequestBook } from './request_book';

const SECTORS_PER_BLOCK = BLK_TRANSFER_SIZE / SECTOR;

export interface End {
  readonly ch: Channel;
  readonly info: Region;
  readonly req: BlkReqRing;
  readonly resp: BlkRespRing;
}

export interface Client extends End {
  readonly name: string;
  readonly data: Region;
  readonly partition: number;
}

type Request = NonNullable<ReturnType<BlkReqRing['dequeue']>>;
type Response = NonNullable<ReturnType<BlkRespRing['dequeue']>>;

/** Reading the partition table: first block 0, then perhaps the entries of a GPT. */
type Phase =
  | { readonly state: 'no disk' }
  | { readonly state: 'table'; readonly gpt?: Gpt; readonly logical?: LogicalWalk }
  | { readonly state: 'running' };

export class BlkVirt implements ProtectionDomain {
  readonly #book = new RequestBook();
  /** Partition of each client, in blocks; none when its partition was refused. */
  readonly #windows = new Map<Client, { readonly start: number; readonly blocks: number }>();
  #phase: Phase = { state: 'no disk' };
  /** Index of the client whose turn came first last time. */
  #first = 0;

  constructor(
    readonly kernel: Kernel,
    readonly driver: End,
    /** The virtualiser's own window for what it reads itself. */
    readonly driverData: Region,
    readonly clients: readonly Client[],
  ) {}

  init(): void {
    this.#readTable();
  }

  notified(ch: Channel): void {
    if (this.#phase.state === 'no disk') this.#readTable();
    if (ch === this.driver.ch) this.#returnResponses();
    if (this.#phase.state === 'running') this.#passRequests();
  }

  #readTable(): void {
    if (!readStorageInfo(this.driver.info)) return;
    this.#phase = { state: 'table' };
    if (this.#diskSectors() === 0) return this.#finish({ refused: 'the driver has no disk' });
    this.#read(0, 1);
  }

  #read(block: number, count: number): void {
    const id = this.#book.add({ client: undefined, id: 0, request: 0 });
    const io_or_offset = this.driverData.paddr!;
    this.#send({ code: BLK_REQ_CODE.READ, request: 0, io_or_offset, block_number: block, count, id });
    this.kernel.notify(this.driver.ch);
  }

  #diskSectors(): number {
    return (readStorageInfo(this.driver.info)?.capacity ?? 0) * SECTORS_PER_BLOCK;
  }

  #tableRead(status: number): void {
    const phase = this.#phase as Extract<Phase, { state: 'table' }>;
    if (status !== BLK_RESP_STATUS.OK) return this.#finish({ refused: 'Failed to read sector 0 from driver' });
    if (phase.gpt) {
      const { count } = phase.gpt.wanted;
      return this.#finish(readGptEntries(phase.gpt, this.driverData.bytes.slice(0, count * BLK_TRANSFER_SIZE)));
    }
    const block = this.driverData.bytes.slice(0, BLK_TRANSFER_SIZE);
    const table = phase.logical ? readRecord(phase.logical, block) : readTable(block, this.#diskSectors());
    if ('logical' in table) {
      this.#phase = { state: 'table', logical: table.logical };
      return this.#read(recordBlock(table.logical), 1);
    }
    if (!('gpt' in table)) return this.#finish(table);
    this.#phase = { state: 'table', gpt: table.gpt };
    this.#read(table.gpt.wanted.block, table.gpt.wanted.count);
  }

  /** Tells every client what it has; without a usable partition a capacity of 0, so that nobody waits for ever. */
  #finish(table: Table): void {
    const info = readStorageInfo(this.driver.info)!;
    this.#phase = { state: 'running' };
    for (const [i, client] of this.clients.entries()) {
      const why = this.#refusal(table, i);
      if (why !== undefined)
        this.kernel.print(`BLK_VIRT|ERROR: Invalid client partition mapping for client ${i}: ${why}\r\n`);
      const partition = why === undefined && 'partitions' in table ? table.partitions[client.partition] : undefined;
      this.#give(client, partition, info);
      this.kernel.notify(client.ch);
    }
  }

  /** differs: upstream gives one partition to any number of clients. */
  #refusal(table: Table, i: number): string | undefined {
    if ('refused' in table) return table.refused;
    const { partition } = this.clients[i]!;
    const owner = this.clients.slice(0, i).findIndex((other) => other.partition === partition);
    if (owner !== -1) return `partition: ${partition} belongs to client ${owner}`;
    return refusal(table, partition, this.#diskSectors());
  }

  #give(client: Client, partition: Partition | undefined, info: BlkStorageInfo): void {
    const start = (partition?.startSector ?? 0) / SECTORS_PER_BLOCK;
    const blocks = Math.floor((partition?.sectors ?? 0) / SECTORS_PER_BLOCK);
    this.#windows.set(client, { start, blocks });
    const { serial_number, ready, ...shared } = info;
    writeStorageInfo(client.info, { ...shared, capacity: blocks });
  }

  /**
   * One request of each client in turn, whoever rang: an answer may just have freed the room that another was waiting for. Each
   * gives at most what lay in its ring at the start, since what it adds meanwhile comes with a ring of its own: a client that never
   * stops asking holds up nobody.
   */
  #passRequests(): void {
    const waiting = this.#turns().map((client) => ({ client, left: client.req.available }));
    const rung = new Set<End>();
    for (let busy = waiting; busy.length > 0; ) {
      busy = busy.filter((turn) => {
        if (turn.left-- <= 0 || !this.#hasRoom(turn.client)) return false;
        rung.add(this.#passOne(turn.client));
        return true;
      });
    }
    for (const { ch } of rung) this.kernel.notify(ch);
  }

  /** All clients, beginning with another one each time. */
  #turns(): Client[] {
    this.#first = (this.#first + 1) % this.clients.length;
    return [...this.clients.slice(this.#first), ...this.clients.slice(0, this.#first)];
  }

  /**
   * Whether the client's queue can hold the answer to one more request, and the driver's queues what is on its way through them:
   * then no answer is ever without a place. differs: upstream asserts.
   */
  #hasRoom(client: Client): boolean {
    return (
      this.#book.size < BLK_QUEUE_CAPACITY && this.driver.req.free > 0 && this.#book.owedTo(client) < client.resp.free
    );
  }

  /** Sends the client's next request on, or answers it; who is to be told of it. */
  #passOne(client: Client): End {
    const request = client.req.dequeue();
    if (!request) return client;
    const mapped = this.#map(client, request);
    if (mapped) {
      this.#send({ ...mapped, id: this.#book.add({ client, id: request.id, request: request.request }) });
      return this.driver;
    }
    client.resp.enqueue({ status: BLK_RESP_STATUS.ERR_INVALID_PARAM, success_count: 0, id: request.id });
    return client;
  }

  #send(request: Request): void {
    const { block_number, count, id, code } = request;
    this.driver.req.enqueue(request);
    this.kernel.trace(TRACE.REQUEST, this.driver.ch, request.request, block_number, packBlocks({ count, id, code }));
  }

  /** A client's request in the driver's terms, or undefined when the client may not make it. */
  #map(client: Client, { code, request, io_or_offset, block_number, count }: Request): Omit<Request, 'id'> | undefined {
    if (code === BLK_REQ_CODE.FLUSH || code === BLK_REQ_CODE.BARRIER) {
      return { code, request, io_or_offset: 0, block_number: 0, count: 0 };
    }
    if (code !== BLK_REQ_CODE.READ && code !== BLK_REQ_CODE.WRITE) return undefined;
    const { start, blocks } = this.#windows.get(client)!;
    const inPartition = count > 0 && count <= blocks && block_number <= blocks - count;
    const aligned = io_or_offset % BLK_TRANSFER_SIZE === 0;
    if (!inPartition || !aligned || !client.data.holds(io_or_offset, count * BLK_TRANSFER_SIZE)) return undefined;
    const paddr = client.data.paddr! + io_or_offset;
    return { code, request, io_or_offset: paddr, block_number: start + block_number, count };
  }

  #returnResponses(): void {
    const rung = new Set<Client>();
    for (let left = this.driver.resp.available; left > 0; left--) {
      const resp = this.driver.resp.dequeue();
      if (!resp) break;
      const entry = this.#book.take(resp.id);
      if (!entry)
        this.kernel.print(`BLK_VIRT|ERROR: the driver answered request ${resp.id}, which it was not asked\r\n`);
      else if (!entry.client) this.#tableRead(resp.status);
      else {
        this.#traceResponse(entry.request, resp);
        entry.client.resp.enqueue({ status: resp.status, success_count: resp.success_count, id: entry.id });
        rung.add(entry.client);
      }
    }
    for (const client of rung) this.kernel.notify(client.ch);
  }

  #traceResponse(request: number, { status, success_count, id }: Response): void {
    const words = packBlocks({ count: success_count, id, code: 0 });
    this.kernel.trace(TRACE.RESPONSE, this.driver.ch, request, status, words);
  }
}
