/** Waits for work that nobody awaits: lets everything that is ready run, for as many turns as it takes. */
const TURNS = 2000;

export async function until(done: () => boolean): Promise<void> {
  for (let turn = 0; !done(); turn++) {
    if (turn === TURNS) throw new Error('It does not come about.');
    await new Promise((resolve) => setTimeout(resolve));
  }
}
