/** The other end of zenfs_port.ts: the files. */
import { InMemory, resolveRemoteMount } from '@zenfs/core';

self.onmessage = async ({ data: port }: MessageEvent<MessagePort>) => {
  await resolveRemoteMount(port as never, { backend: InMemory });
  port.start();
  port.postMessage('here');
};
