/** The event loop of a protection domain; the shape of handler_loop() in au-ts/microkit libmicrokit/src/main.c. */
import { CONTROL, CONTROL_BIT, MAX_CHANNELS, REBOOT_CHANNEL } from '../protocol/boot';
import { TRACE } from '../protocol/trace';
import type { ProtectionDomain } from './pd';
import { servePpc } from './ppc';
import type { WorkerKernel } from './worker_kernel';

const REBOOT = 1 << REBOOT_CHANNEL;
const LEAVE = CONTROL_BIT.CONTROL | CONTROL_BIT.DIE;
const CHANNELS = (1 << MAX_CHANNELS) - 1;

/** Dispatches until the control plane or death wants the worker; returns the bits that did. */
export function run(pd: ProtectionDomain, kernel: WorkerKernel): number {
  for (;;) {
    const bits = kernel.take();
    if (bits & CONTROL_BIT.DIE) return bits & LEAVE;
    kernel.setAside(bits & (CHANNELS | REBOOT));
    // First the news that the guest is another one: its calls come over other registers.
    dispatch(pd, kernel, bits & REBOOT);
    if (bits & CONTROL_BIT.PPC) serveCalls(pd, kernel);
    dispatch(pd, kernel, bits & CHANNELS);
    if (bits & LEAVE) return bits & LEAVE;
  }
}

/** In ascending order. What is still to come lies aside, where a wait inside a handler finds it. */
function dispatch(pd: ProtectionDomain, kernel: WorkerKernel, bits: number): void {
  for (let ch = 0; ch <= REBOOT_CHANNEL; ch++) {
    if ((bits & (1 << ch)) === 0 || kernel.takeBack(1 << ch) === 0) continue;
    Atomics.add(kernel.words, CONTROL.NOTIFICATIONS, 1);
    kernel.trace(TRACE.NOTIFIED, ch, 0, 0, 0);
    pd.notified(ch);
  }
}

function serveCalls(pd: ProtectionDomain, kernel: WorkerKernel): void {
  for (const { id, page } of kernel.served()) {
    servePpc(page, (message) => {
      kernel.trace(TRACE.PPC_SERVED, id, 0, message.label, 0);
      if (!pd.protected) throw new Error(`${kernel.name} serves no protected calls`);
      return pd.protected(id, message);
    });
  }
}
