/** One worker of a chain: the last one has the data, one that copies moves it between its two sides, any other passes requests on. */
import { answerer, asker, type Link, PIECE, PIECES, REQUEST, sleep } from './chain';

export interface StageConfig {
  readonly up: Link;
  readonly down?: Link;
  readonly copies: boolean;
}

type Command = { readonly id: number; readonly type: number; readonly p0: number; readonly p1: number };

function live({ up, down, copies }: StageConfig): never {
  const above = answerer(up);
  const below = down && asker(down);
  const data = new Uint8Array(PIECE * PIECES);
  const inFlight = new Map<number, Command>();
  const far = below?.share ?? data;
  const move = ({ p0, p1 }: Command, from: Uint8Array, to: Uint8Array) => {
    if (copies) to.set(from.subarray(p0, p0 + p1), p0);
  };
  const words = new Int32Array(up.answerer);
  for (;;) {
    let [asked, answered] = [false, false];
    const answer = ({ id }: Command) => {
      answered = above.completions.enqueue({ id, status: 0, result: 0 });
    };
    for (let command = above.commands.dequeue(); command; command = above.commands.dequeue()) {
      if (command.type === REQUEST.WRITE) move(command, above.share, far);
      if (below) {
        inFlight.set(command.id, command);
        asked = below.commands.enqueue(command);
      } else {
        if (command.type === REQUEST.READ) move(command, far, above.share);
        answer(command);
      }
    }
    for (let done = below?.completions.dequeue(); done; done = below!.completions.dequeue()) {
      const command = inFlight.get(done.id)!;
      inFlight.delete(done.id);
      if (command.type === REQUEST.READ) move(command, far, above.share);
      answer(command);
    }
    if (asked) below!.wake();
    if (answered) above.wake();
    sleep(words);
  }
}

self.onmessage = ({ data }: MessageEvent<StageConfig>) => live(data);
