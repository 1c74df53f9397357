/** Builds the MicroPython client from its regions and channels. It trusts no other component: a wrong answer costs it an OSError. */

import { Files } from '../../src/libfs/files';
import { FsClient } from '../../src/libfs/fs_client';
import { fsRegions } from '../../src/libfs/fs_request';
import { bit, type Environment, type Program } from '../../src/libmicrokit/pd';
import { tapOf } from '../../src/libmicrokit/tap';
import { REBOOT_CHANNEL } from '../../src/protocol/boot';
import { netReceiver, netSender } from '../../src/protocol/net_queue';
import { SerialQueue } from '../../src/protocol/serial_queue';
import { renounce } from './authority';
import { Clock } from './clock';
import { compiled } from './compiled';
import { MicroPython } from './micropython';
import { NetPort } from './net_port';
import { Terminal } from './terminal';

interface ClientConfig {
  readonly machine: string;
  readonly net?: { readonly mac: string };
  /** Compiled code, where there is nobody to fetch it from. */
  readonly wasm?: WebAssembly.Module;
}

/** More than this queued would keep Ctrl-C waiting behind output that is already obsolete. */
const TX_BACKLOG = 4096;

export const program: Program = (env) => {
  const { machine, net, wasm } = env.config as ClientConfig;
  const { kernel } = env;
  const rxChannel = env.channel('serial_rx');
  const fsChannel = env.channel('fs');
  const port = net && env.has('net_rx_active') ? netPort(env, net.mac) : undefined;
  const queues = {
    rx: new SerialQueue(env.region('serial_rx_queue'), env.region('serial_rx_data')),
    tx: new SerialQueue(env.region('serial_tx_queue'), env.region('serial_tx_data'), TX_BACKLOG),
    rxChannel,
    txChannel: env.channel('serial_tx'),
  };
  const terminal = new Terminal(kernel, queues, port);
  const regions = fsRegions((symbol) => env.region(symbol));
  const block = (deadlineNs: number) => terminal.block(bit(fsChannel) | bit(REBOOT_CHANNEL), deadlineNs) !== 0;
  const fs = new FsClient(kernel, fsChannel, regions, block, env);
  return new MicroPython({
    kernel,
    terminal,
    clock: new Clock(kernel, env.channel('timer'), terminal),
    files: new Files(fs),
    port,
    machine,
    heir: env.generation > 1,
    wasm: wasm ? Promise.resolve(wasm) : compiled(),
    renounce: 'WorkerGlobalScope' in globalThis ? () => renounce(globalThis) : () => {},
  });
};

/** `mac`: six bytes in hexadecimal, with colons between. */
function netPort(env: Environment, mac: string): NetPort {
  const bytes = Uint8Array.from(mac.split(':'), (byte) => Number.parseInt(byte, 16));
  const rx = netReceiver(env.region('net_rx_free'), env.region('net_rx_active'));
  const tx = netSender(env.region('net_tx_free'), env.region('net_tx_active'));
  return new NetPort(
    env.kernel,
    bytes,
    { ch: env.channel('net_rx'), data: env.region('net_rx_data'), ...rx },
    { ch: env.channel('net_tx'), data: env.region('net_tx_data'), ...tx },
    tapOf(env),
  );
}
