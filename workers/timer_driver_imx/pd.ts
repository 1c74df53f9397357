/** Puts the general purpose timer's model behind the timer driver. */
import { ImxGpt } from '../../src/hw/imx_gpt';
import { RegisterMirror } from '../../src/hw/register_mirror';
import { afterPolls, afterwards } from '../../src/libmicrokit/afterwards';
import type { Program } from '../../src/libmicrokit/pd';
import { IMX_GPT_REGISTERS } from '../../src/specs/imx_gpt';
import { TimerDriver } from './driver';

export const program: Program = (env) => {
  const irq = env.channel('irq');
  const timer = new ImxGpt(env.kernel.irqLine(irq), () => env.kernel.now());
  const registers = new RegisterMirror(timer, IMX_GPT_REGISTERS, env.registers, (offset) => timer.peek(offset));
  const look = () => registers.look();
  env.kernel.attach(afterPolls(timer, look));
  const clients: number[] = [];
  for (let i = 0; env.has(`client_${i}`); i++) clients.push(env.channel(`client_${i}`));
  return afterwards(new TimerDriver(env.kernel, registers, irq, clients), look);
};
