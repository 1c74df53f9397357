/** One data transfer of the uSDHC between the card's data lines and memory. */
import { SD_BLOCK_SIZE } from '../specs/sd';
import { USDHC_DMASEL, USDHC_DTW, USDHC_INT } from '../specs/usdhc';
import type { Dma } from './device';
import { gather, type Scatter, spread } from './scatter';
import type { SdCard } from './sd_card';
import type { SdTransfer } from './sd_card_commands';
import { adma2, simpleDma } from './usdhc_dma';

/** What the registers say of a transfer. */
export interface TransferSetup {
  /** MIX_CTRL. */
  readonly dma: boolean;
  readonly read: boolean;
  readonly multiple: boolean;
  readonly counted: boolean;
  /** BLK_ATT. */
  readonly blockSize: number;
  readonly blockCount: number;
  /** PROT_CTRL. */
  readonly dmaSelect: number;
  readonly width: number;
  readonly dsAddr: number;
  readonly admaSysAddr: number;
}

/** `bits` are those of INT_STATUS; without an error among them all blocks have moved. */
export interface TransferResult {
  readonly bits: number;
  readonly blocks: number;
  readonly dsAddr: number;
  readonly admaSysAddr: number;
  readonly admaErr: number;
}

/** Carries the transfer out that the card expects. Throws what the disk throws. */
export function transferData(card: SdCard, dma: Dma, setup: TransferSetup): TransferResult {
  const { dsAddr, admaSysAddr, blockSize } = setup;
  const blocks = setup.multiple ? setup.blockCount : 1;
  const failed = (bits: number) => ({ bits, blocks: 0, dsAddr, admaSysAddr, admaErr: 0 });
  const transfer = card.transfer;
  if (!transfer || !agrees(transfer, setup) || !fits(card, transfer, blocks)) return failed(USDHC_INT.DTOE);
  // Data on other lines than the card drives has no good checksum.
  if (setup.width !== (card.lines === 4 ? USDHC_DTW.BITS_4 : USDHC_DTW.BITS_1)) return failed(USDHC_INT.DCE);
  const length = blocks * blockSize;
  if (setup.dmaSelect === USDHC_DMASEL.SIMPLE) {
    const parts = simpleDma(dma, dsAddr, length);
    if (!parts) return failed(USDHC_INT.DMAE);
    move(card, transfer, parts, length);
    return { ...failed(USDHC_INT.DINT), blocks, dsAddr: dsAddr + length };
  }
  if (setup.dmaSelect !== USDHC_DMASEL.ADMA2) return failed(USDHC_INT.DMAE);
  const { parts, address, interrupt, error } = adma2(dma, admaSysAddr, length);
  if (error !== 0) return { ...failed(USDHC_INT.DMAE), admaSysAddr: address, admaErr: error };
  move(card, transfer, parts, length);
  return { ...failed(interrupt ? USDHC_INT.DINT : 0), blocks, admaSysAddr: address };
}

/** Whether the registers describe the transfer that the card expects; if not, one of the two waits in vain. */
function agrees(transfer: SdTransfer, setup: TransferSetup): boolean {
  const register = transfer.kind === 'register';
  const multiple = !register && transfer.multiple;
  const size = register ? transfer.bytes.length : SD_BLOCK_SIZE;
  // Moving data by the processor, through DATA_BUFF_ACC_PORT, is not modelled, nor is a transfer without end.
  if (!setup.dma || (setup.multiple && !setup.counted)) return false;
  return setup.read === (transfer.kind !== 'write') && setup.multiple === multiple && setup.blockSize === size;
}

/** Whether the card has so many blocks to give or take. */
function fits(card: SdCard, transfer: SdTransfer, blocks: number): boolean {
  if (transfer.kind === 'register') return true;
  return blocks > 0 && blocks <= (transfer.count ?? blocks) && card.reaches(transfer.sector, blocks);
}

function move(card: SdCard, transfer: SdTransfer, parts: Scatter, length: number): void {
  if (transfer.kind === 'register') {
    spread(parts, 0, transfer.bytes);
    return;
  }
  // One run goes directly; pieces go through a buffer, because a sector may lie in several.
  const whole = parts.length === 1 ? parts[0]! : new Uint8Array(length);
  if (transfer.kind === 'read') {
    card.readBlocks(transfer.sector, whole);
    if (whole !== parts[0]) spread(parts, 0, whole);
    return;
  }
  if (whole !== parts[0]) gather(parts, 0, whole);
  card.writeBlocks(transfer.sector, whole);
}
