/** Builds the serial transmit virtualiser from its boot message. */
import type { Program } from '../../src/libmicrokit/pd';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { SerialVirtTx } from './virt';

interface Config {
  readonly clients: readonly string[];
  readonly colours: boolean;
  readonly beginString: string;
}

/** What waits here is ahead of everything typed later has to say: few, so that Ctrl-C shows at once. */
const BACKLOG = 4096;

export const program: Program = (env) => {
  const { clients, colours, beginString } = env.config as Config;
  const driver = {
    ch: env.channel('driver'),
    queue: new SerialQueue(env.region('driver_queue'), env.region('driver_data'), BACKLOG),
  };
  const ends = clients.map((name, i) => ({
    name,
    ch: env.channel(`client_${i}`),
    queue: new SerialQueue(env.region(`client_${i}_queue`), env.region(`client_${i}_data`)),
  }));
  return new SerialVirtTx(env.kernel, driver, ends, { colours, beginString });
};
