/** Builds the block virtualiser from its boot message. */
import type { Program } from '../../src/libmicrokit/pd';
import { blkClient, blkServer } from '../../src/protocol/blk_queue';
import { BlkVirt, type Client } from './virt';

interface Config {
  readonly clients: readonly { readonly name: string; readonly partition: number }[];
}

export const program: Program = (env) => {
  const { clients } = env.config as Config;
  const driver = {
    ch: env.channel('driver'),
    info: env.region('driver_storage_info'),
    ...blkClient(env.region('driver_request'), env.region('driver_response')),
  };
  return new BlkVirt(
    env.kernel,
    driver,
    env.region('driver_data'),
    clients.map(
      ({ name, partition }, i): Client => ({
        name,
        partition,
        ch: env.channel(`client_${i}`),
        info: env.region(`client_${i}_storage_info`),
        data: env.region(`client_${i}_data`),
        ...blkServer(env.region(`client_${i}_request`), env.region(`client_${i}_response`)),
      }),
    ),
  );
};
