/** The boards that the page offers. */
import type { Board } from './board';
import { qemuVirtAarch64 } from './qemu_virt_aarch64';

export const BOARDS: readonly Board[] = [qemuVirtAarch64];

export function boardNamed(name: string): Board | undefined {
  return BOARDS.find((board) => board.name === name);
}
