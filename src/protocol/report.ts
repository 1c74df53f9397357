/** What a worker tells the monitor about itself, and how the monitor knows that it is gone. */
export type WorkerReport =
  | { readonly report: 'up'; readonly name: string; readonly generation: number }
  | { readonly report: 'fault'; readonly name: string; readonly generation: number; readonly message: string };

/** A Web Lock that a worker holds for life: the browser lets go of it at the real death, for which terminate() does not wait. */
export function lifeLock(name: string, generation: number, bootTime: number): string {
  return `vmfs/${bootTime}/${name}#${generation}`;
}
