/** js-fatfs: FatFs in WebAssembly on a disk in the same worker's memory; FAT16, clusters of 4 KiB. No isolation, no cache, nothing durable. */
import FatFs, * as fatfs from 'js-fatfs';
import { type FileApi, round, serveRounds } from './round';

const SECTOR = 512;
const DISK = new Uint8Array(64 << 20);
const BUFFER = 1 << 20;

const MODES = {
  r: fatfs.FA_READ,
  w: fatfs.FA_WRITE | fatfs.FA_CREATE_ALWAYS,
  'r+': fatfs.FA_READ | fatfs.FA_WRITE,
} as const;

const ff = await FatFs({
  diskio: {
    initialize: () => 0,
    status: () => 0,
    read(at, _drive, buffer, sector, count) {
      at.HEAPU8.set(DISK.subarray(sector * SECTOR, (sector + count) * SECTOR), buffer);
      return fatfs.RES_OK;
    },
    write(at, _drive, buffer, sector, count) {
      DISK.set(at.HEAPU8.subarray(buffer, buffer + count * SECTOR), sector * SECTOR);
      return fatfs.RES_OK;
    },
    ioctl(at, _drive, command, buffer) {
      if (command === fatfs.GET_SECTOR_COUNT) at.setValue(buffer, DISK.length / SECTOR, 'i32');
      if (command === fatfs.GET_SECTOR_SIZE) at.setValue(buffer, SECTOR, 'i16');
      if (command === fatfs.GET_BLOCK_SIZE) at.setValue(buffer, 1, 'i32');
      return fatfs.RES_OK;
    },
  },
});
const buffer = ff.malloc(BUFFER);
const count = ff.malloc(4);
const info = ff.malloc(fatfs.sizeof_FILINFO);

function done(result: number): void {
  if (result !== fatfs.FR_OK) throw new Error(`FatFs: ${result}`);
}

done(ff.f_mkfs('', { fmt: fatfs.FM_FAT, n_fat: 2, align: 0, n_root: 2048, au_size: 4096 }, buffer, 65_536));
done(ff.f_mount(ff.malloc(fatfs.sizeof_FATFS), '', 1));

/** Moves only where it has to: a seek is what costs it. */
function seek(file: number, at: number): void {
  if (ff.f_tell(file) !== at) done(ff.f_lseek(file, at));
}

const api: FileApi<number> = {
  open(path, mode) {
    const file = ff.malloc(fatfs.sizeof_FIL);
    done(ff.f_open(file, path, MODES[mode]));
    return file;
  },
  read(file, into, at) {
    seek(file, at);
    done(ff.f_read(file, buffer, into.length, count));
    into.set(ff.HEAPU8.subarray(buffer, buffer + into.length));
  },
  write(file, bytes, at) {
    seek(file, at);
    ff.HEAPU8.set(bytes, buffer);
    done(ff.f_write(file, buffer, bytes.length, count));
  },
  close(file) {
    done(ff.f_close(file));
    ff.free(file);
  },
  stat: (path) => done(ff.f_stat(path, info)),
  remove: (path) => done(ff.f_unlink(path)),
};

serveRounds(() => round(api));
