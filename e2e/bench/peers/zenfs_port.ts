/** zenfs with its file system in another worker, behind a port: the isolated peer. It has only asynchronous calls. */
import { configureSingle, fs, Port } from '@zenfs/core';
import { type FileApi, round, serveRounds, spawn } from './round';

type Handle = Awaited<ReturnType<typeof fs.promises.open>>;

const { port1: port, port2: far } = new MessageChannel();
spawn('zenfs_server', far, [far]);
port.start();
await new Promise((resolve) => port.addEventListener('message', resolve, { once: true }));
await configureSingle({ backend: Port, port: port as never, timeout: 60_000 });

const api: FileApi<Handle> = {
  open: (path, mode) => fs.promises.open(`/${path}`, mode),
  read: (file, into, at) => file.read(into, 0, into.length, at),
  write: (file, bytes, at) => file.write(bytes, 0, bytes.length, at),
  close: (file) => file.close(),
  stat: (path) => fs.promises.stat(`/${path}`),
  remove: (path) => fs.promises.unlink(`/${path}`),
};

serveRounds(() => round(api));
