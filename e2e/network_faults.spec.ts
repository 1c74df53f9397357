/** Faults on the wire and at the hops while Python moves data: what arrives is right, each fault happened and is counted, and TCP recovers. docs/faults.md. */
import { createHash } from 'node:crypto';
import type { WireFault } from '../src/protocol/faults';
import { expect, test } from './fixtures';
import type { Machine } from './machine';

const SIZE = 2 << 20;
/** Byte i is i mod 251, as `lan` has it. */
const DIGEST = createHash('sha256')
  .update(Uint8Array.from({ length: SIZE }, (_, i) => i % 251))
  .digest('hex');

const PROGRAM = `
import binascii, hashlib, requests, socket
def digest(data):
    return binascii.hexlify(hashlib.sha256(data).digest()).decode()
def download():
    print(digest(requests.get('http://10.0.2.2/big?size=${SIZE}').content))
def upload():
    data = (bytes(range(251)) * ${Math.ceil(SIZE / 251)})[:${SIZE}]
    print(digest(requests.post('http://10.0.2.2/echo', data=data).content))
`;

type Direction = 'send' | 'receive';
const DIRECTIONS = ['send', 'receive'] as const;
/** An upload comes back: its answer is what the server got. */
const TRANSFERS = ['download', 'upload'] as const;

/** Of the page, without a frame on the wire: shorter than the least time after which TCP sends again, which is 200 ms. */
const PAUSE_FRAMES = 5;

const set = ({ page }: Machine, fault: Omit<WireFault, 'on'>) =>
  page.evaluate((wanted) => window.lionsos.fault.set({ on: 'wire', ...wanted }), fault);
const clear = ({ page }: Machine) => page.evaluate(() => window.lionsos.fault.clear());
const hits = async ({ page }: Machine) =>
  (await page.evaluate(() => window.lionsos.fault.list())).map(({ hits }) => hits);

/** Waits until the flight is lost, and two of its frames once more, each after a pause; returns how many frames were lost by then. */
const lostInVain = ({ page }: Machine) =>
  page.evaluate(async (pause) => {
    const lost = async () => (await window.lionsos.fault.list())[0]!.hits;
    for (let repetitions = -1, before = 0, still = 0; ; still++) {
      const now = await lost();
      if (now !== before) {
        if (still >= pause) repetitions++;
        still = 0;
        before = now;
      }
      if (repetitions === 2) return now;
      await new Promise(requestAnimationFrame);
    }
  }, PAUSE_FRAMES);

/** Frames on either side of the card's end of the wire, so far. */
async function counted({ page }: Machine) {
  const { wire, hops } = await page.evaluate(() => window.lionsos.net.status());
  const { frames, no_client, client_full, bad_length } = hops.net_virt_rx!;
  return {
    machine: { send: hops.net_virt_tx!.frames, receive: frames + no_client + client_full + bad_length },
    // What finds the ring full has passed the faults.
    wire: { send: wire.out.frames + wire.out.drops, receive: wire.in.frames },
  };
}

/** How many frames more there were at the far end of the fault than at its near end, in each direction. */
async function gained(machine: Machine, work: () => Promise<void>): Promise<Record<Direction, number>> {
  const before = await counted(machine);
  await work();
  await machine.settled();
  const after = await counted(machine);
  const rise = (side: 'machine' | 'wire', direction: Direction) => after[side][direction] - before[side][direction];
  return {
    send: rise('wire', 'send') - rise('machine', 'send'),
    receive: rise('machine', 'receive') - rise('wire', 'receive'),
  };
}

const HOPS = ['net_virt_rx', 'micropython_net_copier', 'net_virt_tx'] as const;

const injected = async ({ page }: Machine) => {
  const { hops } = await page.evaluate(() => window.lionsos.net.status());
  return HOPS.map((hop) => hops[hop]!.injected);
};

const BOARDS = process.env.NIGHTLY ? ['qemu_virt_aarch64', 'maaxboard'] : ['qemu_virt_aarch64'];

for (const board of BOARDS) {
  test.describe(`on ${board}`, () => {
    test.use({ parameters: { board, disk: 'memory' } });
    test.beforeEach(async ({ machine }) => {
      await machine.run(PROGRAM);
    });

    for (const transfer of TRANSFERS) {
      const right = async (machine: Machine) => expect((await machine.run(`${transfer}()`)).trim()).toBe(DIGEST);

      test(`${transfer}: frames lost, duplicated and delayed both ways are counted there, and the data is right`, async ({
        machine,
      }) => {
        for (const direction of DIRECTIONS) {
          await set(machine, { what: 'lost', direction, at: 40, times: 4 });
          await set(machine, { what: 'duplicated', direction, at: 100, times: 7 });
          await set(machine, { what: 'delayed', direction, at: 160, times: 5, ms: 20 });
          await set(machine, { what: 'lost', direction, at: 220, times: 2 });
        }
        const difference = await gained(machine, () => right(machine));
        expect(await hits(machine)).toEqual([4, 7, 5, 2, 4, 7, 5, 2]);
        expect(difference).toEqual({ send: 7 - 6, receive: 7 - 6 });
      });

      test(`${transfer}: frames of which a bit is turned over are told by their checksums`, async ({ machine }) => {
        // Not one after the other: a frame that is hit each time it is sent again is sent again ever later.
        for (const direction of DIRECTIONS) {
          await set(machine, { what: 'corrupted', direction, at: 40, every: 3, times: 30 });
        }
        const difference = await gained(machine, () => right(machine));
        expect(await hits(machine)).toEqual([30, 30]);
        expect(difference).toEqual({ send: 0, receive: 0 });
      });

      test(`${transfer}: a wire that carries no data any more for a hundred frames and their repetitions, and then does`, async ({
        machine,
      }) => {
        const direction = transfer === 'download' ? 'receive' : 'send';
        // The window is open by then, so that the flight is long.
        await set(machine, { what: 'lost', direction, at: 700, times: Number.MAX_SAFE_INTEGER });
        let lost = 0;
        const difference = await gained(machine, async () => {
          const transferred = right(machine);
          lost = await lostInVain(machine);
          await clear(machine);
          await transferred;
        });
        expect(lost).toBeGreaterThanOrEqual(100);
        expect(-difference[direction]).toBeGreaterThanOrEqual(lost);
        expect(difference[direction === 'send' ? 'receive' : 'send']).toBe(0);
      });
    }

    test('every twentieth frame lost at each hop in turn: counted there and nowhere else, and the data is right', async ({
      machine,
    }) => {
      const lose = (domain: string) =>
        machine.page.evaluate(
          (hop) => window.lionsos.fault.set({ on: 'hop', domain: hop, what: 'lost', every: 20, times: Infinity }),
          domain,
        );
      await expect(lose('ethernet_driver')).rejects.toThrow(`Only these pass frames on: `);
      for (const [i, hop] of HOPS.entries()) {
        const before = await injected(machine);
        await lose(hop);
        expect((await machine.run('upload()')).trim()).toBe(DIGEST);
        await machine.settled();
        const [lost] = await hits(machine);
        await clear(machine);
        expect(lost).toBeGreaterThan(30);
        expect(await injected(machine)).toEqual(before.map((n, at) => (at === i ? n + lost! : n)));
      }
    });
  });
}
