/**
 * How a card is found and made ready: the commands in order, each with what its answer must be. [SD-PHY] 4.2 card identification mode. A
 * generator: it yields a command and is resumed with the response when the controller has it.
 */
import { decodeCsd, registerOfResponse } from '../../src/specs/sd';
import { SD_COMMAND, type SdCommand } from './sd_commands';

export type Response = readonly [number, number, number, number];

export interface Card {
  readonly rca: number;
  /** Addressed by sector, not by byte: CCS. */
  readonly highCapacity: boolean;
  /** Capacity. differs: upstream computes it in 32 bits, so that cards from 4 GiB on are too small. */
  readonly sectors: number;
  readonly writeProtected: boolean;
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
  const described = decodeCsd(registerOfResponse(csd));
  if (!described) throw new Error('the card describes itself in a way this driver does not know');
  const { sectors, writeProtected } = described;
  return { rca, highCapacity: (ocr & OCR_CCS) !== 0, sectors, writeProtected };
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
