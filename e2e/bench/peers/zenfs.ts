/** zenfs, its file system in memory in the same worker, by synchronous calls. No FAT, no isolation, nothing durable. */
import { configureSingle, fs, InMemory } from '@zenfs/core';
import { type FileApi, round, serveRounds } from './round';

await configureSingle({ backend: InMemory });

const api: FileApi<number> = {
  open: (path, mode) => fs.openSync(`/${path}`, mode),
  read: (file, into, at) => void fs.readSync(file, into, 0, into.length, at),
  write: (file, bytes, at) => void fs.writeSync(file, bytes, 0, bytes.length, at),
  close: (file) => fs.closeSync(file),
  stat: (path) => void fs.statSync(`/${path}`),
  remove: (path) => fs.unlinkSync(`/${path}`),
};

serveRounds(() => round(api));
