/** Puts the generic timer's model behind the timer driver. */
import { ArmTimer } from '../../src/hw/arm_timer';
import { ArmTimerMirror } from '../../src/hw/arm_timer_mirror';
import { afterPolls, afterwards } from '../../src/libmicrokit/afterwards';
import type { Program } from '../../src/libmicrokit/pd';
import { TimerDriver } from './driver';

export const program: Program = (env) => {
  const irq = env.channel('irq');
  const timer = new ArmTimer(env.kernel.irqLine(irq), () => env.kernel.now());
  const registers = new ArmTimerMirror(timer, env.registers);
  const look = () => registers.look();
  env.kernel.attach(afterPolls(timer, look));
  const clients: number[] = [];
  for (let i = 0; env.has(`client_${i}`); i++) clients.push(env.channel(`client_${i}`));
  return afterwards(new TimerDriver(env.kernel, registers, irq, clients), look);
};
