/**
 * MMC block driver of the i.MX8M: sDDF requests to SD commands, one at a time. Trusts the controller to move data and the virtualiser to ask
 * within the disk; the card may answer anything. Twin of au-ts/sddf drivers/blk/mmc/imx/usdhc.c.
 */
import type { Channel, Kernel, ProtectionDomain } from '../../src/libmicrokit/pd';
import { writeStorageInfo } from '../../src/protocol/blk_info';
import {
  BLK_REQ_CODE,
  BLK_RESP_STATUS,
  BLK_TRANSFER_SIZE,
  type BlkReqRing,
  type BlkRespRing,
} from '../../src/protocol/blk_queue';
import type { Region } from '../../src/protocol/region';
import { SDDF_TIMER } from '../../src/protocol/timer';
import { TRACE } from '../../src/protocol/trace';
import { packBlocks } from '../../src/protocol/trace_words';
import { type Card, identify, type Response, type Step } from './identification';
import { SD_COMMAND } from './sd_commands';
import { type Mmio, SdHost, type Transfer } from './sd_host';

export interface Ends {
  readonly virt: Channel;
  readonly irq: Channel;
  readonly timer: Channel;
  readonly info: Region;
  readonly req: BlkReqRing;
  readonly resp: BlkRespRing;
}

type Request = NonNullable<ReturnType<BlkReqRing['dequeue']>>;

const SECTOR = 512;
const SECTORS_PER_BLOCK = BLK_TRANSFER_SIZE / SECTOR;
/** What the block count register holds. differs: upstream truncates larger requests. */
const MAX_BLOCKS = Math.floor(0xffff / SECTORS_PER_BLOCK);
const MAX_PADDR = 0xffff_ffff;

/** What the driver waits for: the next step of the identification, or the second command of a request. */
type Doing =
  | { readonly what: 'identifying'; readonly steps: Generator<Step, Card, Response> }
  | { readonly what: 'block length'; readonly request: Request }
  | { readonly what: 'transfer' | 'stopping'; readonly request: Request };

export class BlkDriverImx implements ProtectionDomain {
  readonly #host: SdHost;
  #doing: Doing | undefined;
  #card: Card | undefined;
  /** Capacity. */
  #blocks = 0;
  /** The identification failed: there is no disk. */
  #dead = false;

  constructor(
    readonly kernel: Kernel,
    mmio: Mmio,
    readonly ends: Ends,
  ) {
    this.#host = new SdHost(mmio);
  }

  init(): void {
    this.#attempt(() => {
      this.#host.reset();
      const steps = identify(() => this.#now());
      this.#doing = { what: 'identifying', steps };
      this.#advance(steps, steps.next([0, 0, 0, 0]));
    });
  }

  notified(ch: Channel): void {
    if (ch === this.ends.irq) {
      this.#interrupt();
      this.kernel.irqAck(ch);
    } else if (ch === this.ends.virt) this.#passRequests();
  }

  /** The number of the command that the write at the card is part of, for its log; 0 when nobody gave it one. */
  get requestNow(): number {
    return this.#doing && 'request' in this.#doing ? this.#doing.request.request : 0;
  }

  #interrupt(): void {
    const doing = this.#doing;
    const outcome = this.#host.finish();
    if (!doing || outcome === 'pending') return;
    if (doing.what === 'identifying') {
      const { steps } = doing;
      return this.#attempt(() => {
        if (outcome === 'failed') throw new Error('the card does not answer');
        this.#advance(steps, steps.next(this.#host.response()));
      });
    }
    if (outcome === 'failed' && doing.what === 'transfer') this.#stop(doing.request);
    // differs: upstream says ERR_UNSPEC.
    else if (outcome === 'failed' || doing.what === 'stopping') this.#finish(doing.request, BLK_RESP_STATUS.ERR_IO);
    else if (doing.what === 'block length') this.#transfer(doing.request);
    else this.#finish(doing.request, BLK_RESP_STATUS.OK);
  }

  #advance(steps: Generator<Step, Card, Response>, first: IteratorResult<Step, Card>): void {
    let { done, value } = first;
    for (; !done; { done, value } = steps.next([0, 0, 0, 0])) {
      const step = value as Step;
      if ('command' in step) return this.#host.send(step.command);
      if (step.host === 'fast clock') this.#host.setClock(25_000_000);
      else this.#host.driveFourLines();
    }
    this.#ready(value as Card);
  }

  #ready(card: Card): void {
    this.#card = card;
    this.#doing = undefined;
    this.#blocks = Math.floor(card.sectors / SECTORS_PER_BLOCK);
    writeStorageInfo(this.ends.info, {
      sector_size: SECTOR,
      block_size: 1,
      queue_depth: 1,
      capacity: this.#blocks,
      read_only: card.writeProtected ? 1 : 0,
    });
    this.kernel.notify(this.ends.virt);
    this.#passRequests();
  }

  /** differs: upstream stops without a word, and whoever waits for the disk waits for ever. */
  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.kernel.print(`blk_driver|ERROR: no usable card: ${error.message}\r\n`);
      this.#dead = true;
      this.#doing = undefined;
      writeStorageInfo(this.ends.info, {
        sector_size: SECTOR,
        block_size: 1,
        queue_depth: 1,
        capacity: 0,
        read_only: 0,
      });
      this.kernel.notify(this.ends.virt);
      this.#passRequests();
    }
  }

  /** Takes requests until one needs the card. */
  #passRequests(): void {
    const { req, resp } = this.ends;
    let answered = false;
    while ((this.#card || this.#dead) && !this.#doing && req.available > 0 && resp.free > 0) {
      const request = req.dequeue()!;
      const answer = this.#answerNow(request);
      if (answer === undefined) this.#start(request);
      else {
        this.#answer(request, answer);
        answered = true;
      }
    }
    if (answered) this.kernel.notify(this.ends.virt);
  }

  /** The status of a request that the card has no part in; undefined for one that it must see. */
  #answerNow({ code, io_or_offset, block_number, count }: Request): number | undefined {
    if (this.#dead) return BLK_RESP_STATUS.ERR_NO_DEVICE;
    // A card that has answered a write has programmed it.
    if (code === BLK_REQ_CODE.FLUSH || code === BLK_REQ_CODE.BARRIER) return BLK_RESP_STATUS.OK;
    if (code !== BLK_REQ_CODE.READ && code !== BLK_REQ_CODE.WRITE) return BLK_RESP_STATUS.ERR_INVALID_PARAM;
    // NaN, which stands for a u64 that no number holds, fails every comparison.
    const onDisk = count > 0 && count <= MAX_BLOCKS && count <= this.#blocks && block_number <= this.#blocks - count;
    const reachable = io_or_offset >= 0 && io_or_offset <= MAX_PADDR;
    return onDisk && reachable ? undefined : BLK_RESP_STATUS.ERR_INVALID_PARAM;
  }

  #start(request: Request): void {
    this.#doing = { what: 'block length', request };
    this.#trace(TRACE.REQUEST, request, request.block_number);
    this.#host.send(SD_COMMAND.setBlockLength(SECTOR));
  }

  #transfer(request: Request): void {
    const { code, block_number, count, io_or_offset } = request;
    const sector = block_number * SECTORS_PER_BLOCK;
    const address = this.#card!.highCapacity ? sector : sector * SECTOR;
    const direction = code === BLK_REQ_CODE.READ ? 'read' : 'write';
    const transfer: Transfer = { paddr: io_or_offset, sectors: count * SECTORS_PER_BLOCK, direction };
    this.#doing = { what: 'transfer', request };
    this.#host.send(
      direction === 'read' ? SD_COMMAND.readMultiple(address) : SD_COMMAND.writeMultiple(address),
      transfer,
    );
  }

  /** differs: upstream leaves a card in the middle of the transfer that failed, where it takes no other command. */
  #stop(request: Request): void {
    this.#doing = { what: 'stopping', request };
    this.#host.send(SD_COMMAND.stopTransmission());
  }

  #finish(request: Request, status: number): void {
    this.#doing = undefined;
    this.#trace(TRACE.RESPONSE, request, status);
    this.#answer(request, status);
    this.kernel.notify(this.ends.virt);
    this.#passRequests();
  }

  #answer({ id, count }: Request, status: number): void {
    const success_count = status === BLK_RESP_STATUS.OK ? count : 0;
    this.ends.resp.enqueue({ status, success_count, id });
  }

  /** The card has no queue: `id` is that of the queue from the virtualiser. */
  #trace(kind: number, { request, count, id, code }: Request, a: number): void {
    this.kernel.trace(kind, this.ends.irq, request, a, packBlocks({ count, id, code }));
  }

  #now(): number {
    return this.kernel.ppcall(this.ends.timer, { label: SDDF_TIMER.GET_TIME, words: [] }).words[0] ?? 0;
  }
}
