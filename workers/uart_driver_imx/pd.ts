/** Puts the i.MX UART's model behind the serial driver: register window, interrupt, and the line to the terminal. */
import { ImxUart } from '../../src/hw/imx_uart';
import { RegisterMirror } from '../../src/hw/register_mirror';
import { afterPolls, afterwards } from '../../src/libmicrokit/afterwards';
import type { Program } from '../../src/libmicrokit/pd';
import { Line } from '../../src/protocol/line';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { IMX_UART_REGISTERS } from '../../src/specs/imx_uart';
import { UartDriver } from './driver';

export const program: Program = (env) => {
  const irq = env.channel('irq');
  const end = (direction: 'rx' | 'tx') => ({
    ch: env.channel(direction),
    queue: new SerialQueue(env.region(`${direction}_queue`), env.region(`${direction}_data`)),
  });
  const uart = new ImxUart(env.kernel.irqLine(irq), new Line(env.region('line_tx')), new Line(env.region('line_rx')));
  const registers = new RegisterMirror(uart, IMX_UART_REGISTERS, env.registers);
  const look = () => registers.look();
  env.kernel.attach(afterPolls(uart, look));
  return afterwards(new UartDriver(env.kernel, registers, irq, end('rx'), end('tx')), look);
};
