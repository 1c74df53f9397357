/** Puts the general purpose timer's model behind the timer driver. */
import { ImxGpt } from '../../src/hw/imx_gpt';
import type { Program } from '../../src/libmicrokit/pd';
import { TimerDriver } from './driver';

export const program: Program = (env) => {
  const irq = env.channel('irq');
  const timer = new ImxGpt(env.kernel.irqLine(irq), () => env.kernel.now());
  env.kernel.attach(timer);
  const clients: number[] = [];
  for (let i = 0; env.has(`client_${i}`); i++) clients.push(env.channel(`client_${i}`));
  return new TimerDriver(env.kernel, timer, irq, clients);
};
