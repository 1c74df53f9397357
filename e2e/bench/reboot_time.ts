import type { Machine } from '../machine';

/** Milliseconds from killing the file system VM to the first answered command, as Python sees it. */
export function rebootMs({ page }: Machine, path: string): Promise<number> {
  return page.evaluate(async (name) => {
    const program = `import os; os.stat(${JSON.stringify(name)})`;
    const started = performance.now();
    const killed = window.lionsos.pd.kill('linux_fs_vm');
    await window.lionsos.run(program);
    const answered = performance.now() - started;
    await killed;
    const exchange = performance.now();
    await window.lionsos.run(program);
    // What running a program over the serial line costs is not the reboot's.
    return answered - (performance.now() - exchange);
  }, path);
}
