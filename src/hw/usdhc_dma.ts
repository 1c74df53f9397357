/** Where a transfer of the uSDHC lies in memory: one run for the simple DMA, a table of descriptors for ADMA2. */
import { USDHC_ADMA_ERR, USDHC_ADMA2 } from '../specs/usdhc';
import type { Dma } from './device';

/** A guest's table may link to itself: what is longer than any table in use counts as broken. */
const MAX_DESCRIPTORS = 4096;
const MAX_LENGTH = 65536;

export interface Descriptors {
  readonly parts: readonly Uint8Array[];
  /** Of the descriptor that is next, or at which it stopped. */
  readonly address: number;
  /** A descriptor asked for the DMA interrupt. */
  readonly interrupt: boolean;
  /** ADMA_ERR; 0 when the parts hold the whole transfer. */
  readonly error: number;
}

/** The run of memory for the simple DMA; undefined unless all of it can be reached. */
export function simpleDma(dma: Dma, address: number, length: number): Uint8Array[] | undefined {
  const bytes = dma.at(address, length);
  return bytes && [bytes];
}

/** Walks an ADMA2 table for exactly `length` bytes; moves nothing. [i.MX8MDQLQRM] ADMA_SYS_ADDR */
export function adma2(dma: Dma, table: number, length: number): Descriptors {
  const parts: Uint8Array[] = [];
  let address = table;
  let left = length;
  let interrupt = false;
  const stop = (error: number): Descriptors => ({ parts, address, interrupt, error });
  for (let i = 0; i < MAX_DESCRIPTORS; i++) {
    const descriptor = fetch(dma, address);
    if (!descriptor || !(descriptor.attributes & USDHC_ADMA2.VALID))
      return stop(USDHC_ADMA_ERR.DESCRIPTOR | USDHC_ADMA_ERR.STATE_FETCH);
    const action = descriptor.attributes & USDHC_ADMA2.ACT_MASK;
    if (action === USDHC_ADMA2.ACT_TRAN) {
      if (descriptor.length > left) return stop(USDHC_ADMA_ERR.LENGTH_MISMATCH | USDHC_ADMA_ERR.STATE_TRANSFER);
      const bytes = dma.at(descriptor.address, descriptor.length);
      if (!bytes) return stop(USDHC_ADMA_ERR.STATE_TRANSFER);
      parts.push(bytes);
      left -= bytes.length;
    }
    interrupt ||= (descriptor.attributes & USDHC_ADMA2.INT) !== 0;
    address = action === USDHC_ADMA2.ACT_LINK ? descriptor.address : address + USDHC_ADMA2.SIZE;
    if (descriptor.attributes & USDHC_ADMA2.END) return stop(left === 0 ? 0 : USDHC_ADMA_ERR.LENGTH_MISMATCH);
  }
  return stop(USDHC_ADMA_ERR.DESCRIPTOR | USDHC_ADMA_ERR.STATE_FETCH);
}

/** Reads each word once, so that a guest cannot change it between a check and its use. */
function fetch(dma: Dma, at: number): { attributes: number; length: number; address: number } | undefined {
  const bytes = dma.at(at, USDHC_ADMA2.SIZE);
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = view.getUint32(0, true);
  // The address has no bits 1 and 0.
  const address = (view.getUint32(4, true) & ~3) >>> 0;
  return { attributes: first & 0xffff, length: first >>> USDHC_ADMA2.LENGTH_SHIFT || MAX_LENGTH, address };
}
