/** What a browser's renderers occupy: their proportional set size, from Linux's own count. */
import { readdirSync, readFileSync } from 'node:fs';

/** In bytes, of all renderers of the browser that works in this profile's folder. */
export function rendererMemory(profileFolder: string): number {
  return processes()
    .filter(({ command }) => command.includes('--type=renderer') && command.includes(profileFolder))
    .reduce((sum, { pid }) => sum + proportionalSize(pid), 0);
}

function processes(): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8') }];
      } catch {
        return []; // it ended meanwhile
      }
    });
}

function proportionalSize(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no Pss`);
  return Number(kilobytes) * 1024;
}
