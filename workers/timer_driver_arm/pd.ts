/** Puts the generic timer's model behind the timer driver. */
import { ArmTimer } from '../../src/hw/arm_timer';
import type { Program } from '../../src/libmicrokit/pd';
import { TimerDriver } from './driver';

export const program: Program = (env) => {
  const irq = env.channel('irq');
  const timer = new ArmTimer(env.kernel.irqLine(irq), () => env.kernel.now());
  env.kernel.attach(timer);
  const clients: number[] = [];
  for (let i = 0; env.has(`client_${i}`); i++) clients.push(env.channel(`client_${i}`));
  return new TimerDriver(env.kernel, timer, irq, clients);
};
