/** How busy the processors are with what is not the benchmark's: from Linux's own counts. */
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

interface Sample {
  readonly atMs: number;
  /** Ticks of all processors that were not idle. */
  readonly busy: number;
  /** Ticks of the browser's processes, and of this one. */
  readonly own: ReadonlyMap<string, number>;
}

export class Processors {
  #from: Sample;

  constructor(readonly profileFolder: string) {
    this.#from = sample(profileFolder);
  }

  /** Mean number of processors in use since the last call. */
  used(): { readonly own: number; readonly foreign: number } {
    const [from, to] = [this.#from, sample(this.profileFolder)];
    this.#from = to;
    const own = [...to.own].reduce((sum, [pid, ticks]) => sum + ticks - (from.own.get(pid) ?? 0), 0);
    const ticks = ((to.atMs - from.atMs) * TICKS_PER_SECOND) / 1000;
    return { own: own / ticks, foreign: Math.max(0, to.busy - from.busy - own) / ticks };
  }
}

function sample(profileFolder: string): Sample {
  const own = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const isOwn =
          Number(pid) === process.pid || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profileFolder);
        return isOwn ? [[pid, ticksOf(pid)] as const] : [];
      } catch {
        return []; // it ended meanwhile
      }
    });
  return { atMs: performance.now(), busy: busyTicks(), own: new Map(own) };
}

/** User and system time: the 14th and 15th field; the second one is a name in brackets, which may hold blanks. [proc_pid_stat(5)] */
function ticksOf(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** user + nice + system + irq + softirq of the first line. [proc_stat(5)] */
function busyTicks(): number {
  const [, user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8').split(/\s+/).map(Number);
  return user! + nice! + system! + irq! + softirq!;
}
