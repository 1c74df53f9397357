/** Builds the serial receive virtualiser from its boot message. */
import type { Program } from '../../src/libmicrokit/pd';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { SerialVirtRx } from './virt';

interface Config {
  readonly clients: readonly string[];
  readonly switchChar: number;
  readonly terminateNumChar: number;
}

export const program: Program = (env) => {
  const { clients, switchChar, terminateNumChar } = env.config as Config;
  const end = (symbol: string) => ({
    ch: env.channel(symbol),
    queue: new SerialQueue(env.region(`${symbol}_queue`), env.region(`${symbol}_data`)),
  });
  const ends = clients.map((_, i) => end(`client_${i}`));
  return new SerialVirtRx(env.kernel, end('driver'), ends, { switchChar, terminateNumChar });
};
