/**
 * How a card is found and made ready: the commands in order, each with what its answer must be. [SD-PHY] 4.2 card identification mode. A
 * generator: it yields a command and is resumed with the response when the controller has it.
 */
import { SD_COMMAND, type SdCommand } from './sd_commands';

export type Response = readonly [number, number, number, number];

export interface Card {
  readonly rca: number;
  /** Addressed by sector, not by byte: CCS. */
  readonly highCapacity: boolean;
  /** In bytes. */
  readonly capacity: number;
  /** PERM_WRITE_PROTECT or TMP_WRITE_PROTECT. */
  readonly readOnly: boolean;
}

/** Where the driver has to do something itself before it goes on. */
export type Step = { readonly command: SdCommand } | { readonly host: 'fast clock' | 'four lines' };

const APP_CMD = 1 << 5;
const OCR_READY = 0x8000_0000;
const OCR_CCS = 1 << 30;
/** 3.1 to 3.3 V: what the board supplies. */
const OCR_VOLTAGES = (1 << 19) | (1 << 20);
/** Host capacity support, and 3.2 to 3.3 V. */
const WE_CAN = 0x4018_0000;
const PATTERN = 0x1aa;
const READY_WITHIN_NS = 1e9;

/** Throws Error with one sentence when there is no card that this driver can use. `now`: nanoseconds. */
export function* identify(now: () => number): Generator<Step, Card, Response> {
  yield { command: SD_COMMAND.goIdle() };
  const [condition] = yield { command: SD_COMMAND.sendIfCond() };
  if ((condition & 0xfff) !== PATTERN) throw new Error('the card does not take 3.3 V');
  const ocr = yield* operatingCondition(now);
  yield { command: SD_COMMAND.allSendCid() };
  const [published] = yield { command: SD_COMMAND.sendRelativeAddr() };
  const rca = published >>> 16;
  yield { host: 'fast clock' };
  const csd = yield { command: SD_COMMAND.sendCsd(rca) };
  yield { command: SD_COMMAND.selectCard(rca) };
  yield* application(rca, SD_COMMAND.setBusWidth(4));
  yield { host: 'four lines' };
  // Bits 13 and 12 of the CSD, whose lowest byte the controller does not show.
  const readOnly = (csd[0] & (0b11 << (12 - 8))) !== 0;
  return { rca, highCapacity: (ocr & OCR_CCS) !== 0, capacity: capacityOf(csd), readOnly };
}

/** Asks until the card has powered up. The first inquiry starts nothing: it only says what the card can take. */
function* operatingCondition(now: () => number): Generator<Step, number, Response> {
  const [can] = yield* application(0, SD_COMMAND.sendOpCond(0));
  if ((can & OCR_VOLTAGES) === 0) throw new Error('the card does not take 3.1 to 3.3 V');
  for (const started = now(); ; ) {
    const [ocr] = yield* application(0, SD_COMMAND.sendOpCond(WE_CAN));
    if (ocr & OCR_READY) return ocr;
    if (now() - started > READY_WITHIN_NS) throw new Error('the card did not become ready within a second');
  }
}

/** CMD55 before an application command. */
function* application(rca: number, command: SdCommand): Generator<Step, Response, Response> {
  const [status] = yield { command: SD_COMMAND.appCmd(rca) };
  if ((status & APP_CMD) === 0) throw new Error('the card takes no application commands');
  return yield { command };
}

/**
 * From the CSD, which the controller shows without its CRC: bits 127 to 8. differs: upstream computes in 32 bits, so that cards from 4 GiB
 * on are too small. [SD-PHY] 5.3
 */
export function capacityOf(response: Response): number {
  const bits = (high: number, low: number): number => {
    let value = 0;
    for (let i = high; i >= low; i--) value = value * 2 + ((response[(i - 8) >> 5]! >>> ((i - 8) & 31)) & 1);
    return value;
  };
  const structure = bits(127, 126);
  if (structure === 0) return (bits(73, 62) + 1) * 2 ** (bits(49, 47) + 2) * 2 ** bits(83, 80);
  return (bits(structure === 1 ? 69 : 75, 48) + 1) * 512 * 1024;
}
