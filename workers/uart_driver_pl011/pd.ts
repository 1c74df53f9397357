/** Puts the PL011 model behind the serial driver: register window, interrupt, and the line to the terminal. */
import { Pl011 } from '../../src/hw/pl011';
import { RegisterMirror } from '../../src/hw/register_mirror';
import { afterPolls, afterwards } from '../../src/libmicrokit/afterwards';
import type { Program } from '../../src/libmicrokit/pd';
import { Line } from '../../src/protocol/line';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { PL011_REGISTERS } from '../../src/specs/pl011';
import { UartDriver } from './driver';

export const program: Program = (env) => {
  const irq = env.channel('irq');
  const end = (direction: 'rx' | 'tx') => ({
    ch: env.channel(direction),
    queue: new SerialQueue(env.region(`${direction}_queue`), env.region(`${direction}_data`)),
  });
  const uart = new Pl011(env.kernel.irqLine(irq), new Line(env.region('line_tx')), new Line(env.region('line_rx')));
  const registers = new RegisterMirror(uart, PL011_REGISTERS, env.registers);
  const look = () => registers.look();
  env.kernel.attach(afterPolls(uart, look));
  return afterwards(new UartDriver(env.kernel, registers, irq, end('rx'), end('tx')), look);
};
