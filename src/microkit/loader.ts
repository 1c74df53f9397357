/** Starts a described system: allocates its memory, starts one worker per protection domain and hands out the boot messages. */

import { CONTROL_BIT } from '../protocol/boot';
import { Region } from '../protocol/region';
import { Faults } from './faults';
import { lanBoot } from './lan';
import { allocate, bootInfo, type SystemMemory } from './layout';
import { LinePort } from './line_port';
import { Monitor } from './monitor';
import type { SystemDescription } from './sdf';
import { validate } from './validate';

type WorkerConstructor = new (options?: { name?: string }) => Worker;

/** The tree is the image table: one folder under workers/ is one program. */
const IMAGES = import.meta.glob<WorkerConstructor>('../../workers/*/main.ts', {
  query: '?worker',
  import: 'default',
  eager: true,
});

export interface System {
  readonly memory: SystemMemory;
  readonly monitor: Monitor;
  readonly line: LinePort;
  readonly faults: Faults;
}

/** Throws one sentence when the description is wrong; everything later is reported by the monitor. */
export function load(description: SystemDescription, ram: readonly [start: number, end: number]): System {
  validate(description, Object.keys(IMAGES).map(imageName));
  const bootTime = performance.timeOrigin + performance.now();
  const memory = allocate(description, bootTime);
  const uart = description.domains.find(({ device }) => device?.port === 'line');
  const line = new LinePort(new Region('line_tx', memory.lineTx), new Region('line_rx', memory.lineRx), () => {
    if (uart) monitor.signal(uart.name, CONTROL_BIT.DEVICE);
  });
  const [start, end] = ram.map((address) => address.toString(16));
  line.print('LDR|INFO: jumping to kernel\r\nBootstrapping kernel\r\n');
  line.print(`available phys memory regions: 1\r\n  [${start}..${end}]\r\n`);
  const monitor = new Monitor(memory, (text) => line.print(text), spawn, clock);
  line.print('Booting all finished, dropped to user space\r\nMON|INFO: Microkit Bootstrap\r\n');
  for (const domain of description.domains) if (!domain.late) monitor.start(domain, bootInfo(memory, domain, 1));
  line.print('MON|INFO: completed system invocations\r\n');
  const lan = lanBoot(memory, { course: new URL('course/', document.baseURI).href });
  if (lan) monitor.start(lan.domain, lan.boot);
  return { memory, monitor, line, faults: new Faults(monitor) };
}

const clock = {
  nowMs: () => performance.now(),
  pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
};

function spawn(image: string, name: string): Worker {
  const Image = IMAGES[`../../workers/${image}/main.ts`];
  if (!Image) throw new Error(`There is no program '${image}'.`);
  return new Image({ name });
}

function imageName(path: string): string {
  return path.split('/').at(-2)!;
}
