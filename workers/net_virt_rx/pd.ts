/** Builds the network's receive virtualiser from its boot message. */
import type { Program } from '../../src/libmicrokit/pd';
import { tapOf } from '../../src/libmicrokit/tap';
import { NetCounters } from '../../src/protocol/net_counters';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { parseMacs } from './mac';
import { type Client, NetVirtRx } from './virt';

interface Config {
  /** `mac` as in 52:54:01:00:00:01. */
  readonly clients: readonly { readonly name: string; readonly mac: string }[];
}

export const program: Program = (env) => {
  const { clients } = env.config as Config;
  const macs = parseMacs(clients);
  return new NetVirtRx(
    env.kernel,
    { ch: env.channel('driver'), ...netReceiver(env.region('driver_free'), env.region('driver_active')) },
    clients.map(
      ({ name }, i): Client => ({
        name,
        mac: macs[i]!,
        ch: env.channel(`client_${i}`),
        ...netSender(env.region(`client_${i}_free`), env.region(`client_${i}_active`)),
      }),
    ),
    { data: env.region('data'), metadata: env.region('buffer_metadata') },
    new NetCounters(env.region('net_counters')),
    tapOf(env),
  );
};
