/** The Arm timer's system registers in memory, for whoever wants to see them; the twin of register_mirror.ts for what has no addresses. */
import { ARM_TIMER, ARM_TIMER_REGISTERS } from '../specs/arm_timer';
import type { ArmTimer } from './arm_timer';

const PLACES = Object.values(ARM_TIMER);

export class ArmTimerMirror {
  readonly #view: DataView;

  constructor(
    readonly timer: ArmTimer,
    window: Uint8Array,
  ) {
    this.#view = new DataView(window.buffer, window.byteOffset, ARM_TIMER_REGISTERS.size);
  }

  mrs(register: number): bigint {
    return this.timer.mrs(register);
  }

  msr(register: number, value: bigint): void {
    this.timer.msr(register, value);
  }

  look(): void {
    for (const { at, register } of PLACES) this.#view.setBigUint64(at, this.timer.mrs(register), true);
  }
}
