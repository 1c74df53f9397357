/** files: what the page's panel is in the system, a client of the file system server like any other. It trusts no other component. */
import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { fsRegions } from '../../src/libfs/fs_request';
import { bit, type Program } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { FilesService } from './files_service';

export const program: Program = (env) => {
  const { kernel } = env;
  const channel = env.channel('fs');
  const answers = bit(channel) | bit(REBOOT_CHANNEL);
  const regions = fsRegions((symbol) => env.region(symbol));
  const fs = new FsClient(kernel, channel, regions, (deadlineNs) => kernel.wait(answers, deadlineNs) !== 0, env);
  const service = new FilesService(new Files(fs), env.generation > 1);
  // Whoever asked waits for the answer where it asks; what else comes is seen at the next call.
  return { notified() {}, control: service };
};
