/** Builds the network's copier from its boot message. */
import type { Program } from '../../src/libmicrokit/pd';
import { tapOf } from '../../src/libmicrokit/tap';
import { NetCounters } from '../../src/protocol/net_counters';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { NetCopy } from './copy';

export const program: Program = (env) =>
  new NetCopy(
    env.kernel,
    {
      ch: env.channel('virt_rx'),
      data: env.region('device_data'),
      ...netReceiver(env.region('virt_free'), env.region('virt_active')),
    },
    {
      ch: env.channel('client'),
      data: env.region('client_data'),
      ...netSender(env.region('client_free'), env.region('client_active')),
    },
    new NetCounters(env.region('net_counters')),
    tapOf(env),
  );
