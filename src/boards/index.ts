/** The boards that the page offers. */
import type { Board } from './board';
import { maaxboard } from './maaxboard';
import { qemuVirtAarch64 } from './qemu_virt_aarch64';

export const BOARDS: readonly Board[] = [qemuVirtAarch64, maaxboard];

export function boardNamed(name: string): Board | undefined {
  return BOARDS.find((board) => board.name === name);
}
