/** What an SD card tells of itself besides the card status: CID, SCR, SD status and the answer to SWITCH_FUNC. */
import { SD_SCR_SIZE, SD_STATUS_SIZE, SD_SWITCH_STATUS_SIZE, type SdCid, sdRegister } from '../specs/sd';

/** The card as delivered; no maker of real cards has this number. */
export const CARD_CID: SdCid = {
  manufacturer: 0xfe,
  oem: 'VM',
  product: 'VMFS0',
  revision: 0x10,
  serial: 1,
  year: 2024,
  month: 1,
};

/** Version 3.0, 1 and 4 data lines, SET_BLOCK_COUNT. 8 bytes. [SD 6.0] 5.6 */
export const cardScr = (): Uint8Array =>
  sdRegister(SD_SCR_SIZE, [
    [59, 56, 2],
    [51, 48, 0b0101],
    [47, 47, 1],
    [33, 33, 1],
  ]);

/** Data lines in use and speed class 10. 64 bytes. [SD 6.0] 4.10.2 */
export const cardStatus = (lines: 1 | 4): Uint8Array =>
  sdRegister(SD_STATUS_SIZE, [
    [511, 510, lines === 4 ? 2 : 0],
    [447, 440, 4],
  ]);

const SWITCH_GROUPS = 6;
const KEEP = 0xf;

/** Only function 0 of each group is there; asking for another is answered with 0xf. 64 bytes. [SD 6.0] 4.3.10 */
export function switchStatus(argument: number): Uint8Array {
  const rows = Array.from({ length: SWITCH_GROUPS }, (_, group): [number, number, number][] => {
    const wanted = (argument >>> (4 * group)) & 0xf;
    return [
      [400 + 16 * group + 15, 400 + 16 * group, 0x8001],
      [376 + 4 * group + 3, 376 + 4 * group, wanted === 0 || wanted === KEEP ? 0 : 0xf],
    ];
  });
  // 100 mA.
  return sdRegister(SD_SWITCH_STATUS_SIZE, [[511, 496, 100], ...rows.flat()]);
}
