/** Builds the MicroPython client from its regions and channels. It trusts no other component: a wrong answer costs it an OSError. */

import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { bit, type Program } from '../../src/libmicrokit/pd';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { renounce } from './authority';
import { Clock } from './clock';
import { compiled } from './compiled';
import { MicroPython } from './micropython';
import { Terminal } from './terminal';

interface ClientConfig {
  readonly machine: string;
  /** Compiled code, where there is nobody to fetch it from. */
  readonly wasm?: WebAssembly.Module;
}

/** More than this queued would keep Ctrl-C waiting behind output that is already obsolete. */
const TX_BACKLOG = 4096;

export const program: Program = (env) => {
  const { machine, wasm } = env.config as ClientConfig;
  const { kernel } = env;
  const rxChannel = env.channel('serial_rx');
  const fsChannel = env.channel('fs');
  const terminal = new Terminal(kernel, {
    rx: new SerialQueue(env.region('serial_rx_queue'), env.region('serial_rx_data')),
    tx: new SerialQueue(env.region('serial_tx_queue'), env.region('serial_tx_data'), TX_BACKLOG),
    rxChannel,
    txChannel: env.channel('serial_tx'),
  });
  const regions = {
    command: env.region('fs_command'),
    completion: env.region('fs_completion'),
    share: env.region('fs_share'),
  };
  const block = (deadlineNs: number) => terminal.block(bit(fsChannel) | bit(REBOOT_CHANNEL), deadlineNs) !== 0;
  const fs = new FsClient(kernel, fsChannel, regions, block, env);
  return new MicroPython({
    kernel,
    terminal,
    clock: new Clock(kernel, env.channel('timer'), terminal),
    files: new Files(fs),
    rxChannel,
    machine,
    heir: env.generation > 1,
    wasm: wasm ? Promise.resolve(wasm) : compiled(),
    renounce: 'WorkerGlobalScope' in globalThis ? () => renounce(globalThis) : () => {},
  });
};
