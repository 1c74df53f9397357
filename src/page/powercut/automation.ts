/** The part of `lionsos.disk` that looks back: the disk as it was after each of its last writes. */
import { Moment } from './moment';
import { type HostedMachine, originOf } from './origin';
import type { PowerCutMachine } from './power_cut_model';
import { WriteHistory } from './write_history';

export interface DiskMoment {
  /** Writes since the system started: what `at` takes. */
  readonly moment: number;
  /** The write that led to it; undefined for the oldest moment. */
  readonly write?: {
    /** Nanoseconds since boot. */
    readonly timeNs: number;
    readonly sector: number;
    readonly sectors: number;
    /** Id of the file system command that it is part of; 0 when that is not known. */
    readonly request: number;
  };
  /** The device was told here to put everything on its medium. */
  readonly flushed: boolean;
}

export interface PowerCutAutomation {
  /**
   * The moments that the write log leads back to, oldest first: one for each of the last writes (8 MiB of them, before and after), and the
   * one before them. The first one's number says how many writes the log has no place for any more.
   */
  moments(): Promise<DiskMoment[]>;
  /** The whole disk as it was at that moment, as if the power had been cut there. Rejects for one that cannot be had any more. */
  at(moment: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Read at once, in bytes. */
const PIECE = 1 << 20;

export function powerCutAutomation(
  machine: Pick<PowerCutMachine, 'disk' | 'memory'> & HostedMachine,
): PowerCutAutomation {
  const history = new WriteHistory(() => machine.memory(), originOf(machine));
  return {
    async moments() {
      history.look();
      const moments = Array.from({ length: history.last - history.first + 1 }, (_, i) => history.first + i);
      return moments.map((moment): DiskMoment => {
        const write = history.writeBefore(moment);
        const flushed = history.flushes.has(moment);
        if (!write) return { moment, flushed };
        const { timeNs, sector, sectors, request } = write;
        return { moment, write: { timeNs, sector, sectors, request }, flushed };
      });
    },
    async at(number) {
      history.look();
      const size = await machine.disk.size();
      return wholeOf(new Moment(history, number, machine.disk, size / 512), size);
    },
  };
}

async function wholeOf(moment: Moment, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const image = new Uint8Array(size);
  for (let at = 0; at < size; at += PIECE) image.set(await moment.read(at / 512, Math.min(PIECE, size - at) / 512), at);
  return image;
}
