/** Builds the network's transmit virtualiser from its boot message. */
import type { Program } from '../../src/libmicrokit/pd';
import { tapOf } from '../../src/libmicrokit/tap';
import { NetCounters } from '../../src/protocol/net_counters';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { type Client, NetVirtTx } from './virt';

interface Config {
  readonly clients: readonly { readonly name: string }[];
}

export const program: Program = (env) => {
  const { clients } = env.config as Config;
  return new NetVirtTx(
    env.kernel,
    { ch: env.channel('driver'), ...netSender(env.region('driver_free'), env.region('driver_active')) },
    clients.map(
      ({ name }, i): Client => ({
        name,
        ch: env.channel(`client_${i}`),
        data: env.region(`client_${i}_data`),
        ...netReceiver(env.region(`client_${i}_free`), env.region(`client_${i}_active`)),
      }),
    ),
    new NetCounters(env.region('net_counters')),
    tapOf(env),
  );
};
