/** The disk in OPFS: first use, import, undo, and a tab that dies at any operation. */
import { describe, expect, test, vi } from 'vitest';
import { OpfsStore } from './opfs_store';
import { FakeOpfs, TabDied } from './testing/fake_opfs';

const MIB = 1024 * 1024;
const DISK = 16 * MIB;

function sector(store: OpfsStore, at = 100): Uint8Array {
  const bytes = new Uint8Array(512);
  store.disk.read(at, bytes);
  return bytes;
}

const filled = (byte: number): Uint8Array => new Uint8Array(512).fill(byte);

/** A folder whose disk bears the mark 1 in sector 100. */
async function used(): Promise<FakeOpfs> {
  const folder = new FakeOpfs();
  const store = await OpfsStore.open(folder, 'main');
  store.disk.write(100, filled(1));
  store.disk.flush();
  return folder.afterDeath(false);
}

async function importMarked(store: OpfsStore, mark: number, size = 64 * 1024): Promise<void> {
  await store.importBegin(size);
  for (let at = 0; at < size; at += 16 * 1024) store.importChunk(at, new Uint8Array(16 * 1024).fill(mark));
  await store.importCommit();
}

describe('the disk', () => {
  test('first use makes the default disk: 32768 sectors, a partition at sector 2048', async () => {
    const store = await OpfsStore.open(new FakeOpfs(), 'main');
    expect(store.disk.sectors).toBe(32768);
    const mbr = new DataView(sector(store, 0).buffer);
    expect([mbr.getUint16(510, true), mbr.getUint8(446 + 4)]).toEqual([0xaa55, 0x83]);
    expect([mbr.getUint32(446 + 8, true), mbr.getUint32(446 + 12, true)]).toEqual([2048, 30712]);
  });

  test('what was flushed is there in the next tab', async () => {
    const store = await OpfsStore.open(await used(), 'main');
    expect(sector(store)).toEqual(filled(1));
  });

  test('two names are two disks, and neither is tidied away by the other', async () => {
    const folder = await used();
    await OpfsStore.open(folder, 'main.2');
    expect(sector(await OpfsStore.open(folder.afterDeath(false), 'main'))).toEqual(filled(1));
  });

  test('a write that the browser has no room for is an error, not a short success', async () => {
    const folder = await used();
    const store = await OpfsStore.open(folder, 'main');
    // The image grew no further than its size, so only a broken file can be short: cut it behind the store's back.
    folder.files.get('main.1.img')!.live.truncate(1000);
    folder.quota = 1100;
    expect(() => store.disk.write(100, filled(2))).toThrow('short write');
    expect(() => sector(store)).toThrow('short read');
  });

  test('a note of the current image that makes no sense is refused; no fresh disk hides the old one', async () => {
    const folder = await used();
    folder.corrupt('main.current', 'x');
    await expect(OpfsStore.open(folder, 'main')).rejects.toThrow('cannot be read');
    expect([...folder.files.keys()].sort()).toEqual(['main.1.img', 'main.current']);
  });

  test('a file that a dying worker still holds is waited for, two seconds at most', async () => {
    vi.useFakeTimers();
    try {
      const folder = await used();
      folder.files.get('main.1.img')!.open = true;
      const opened = OpfsStore.open(folder, 'main');
      await vi.advanceTimersByTimeAsync(1000);
      folder.files.get('main.1.img')!.open = false;
      await vi.advanceTimersByTimeAsync(100);
      expect(sector(await opened)).toEqual(filled(1));
      const refused = expect(OpfsStore.open(folder, 'main')).rejects.toThrow('NoModificationAllowedError');
      await vi.advanceTimersByTimeAsync(3000);
      await refused;
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('import', () => {
  test('becomes the disk at the next boot, and undo brings the old one back', async () => {
    const folder = await used();
    const store = await OpfsStore.open(folder, 'main');
    await importMarked(store, 2);
    expect(sector(store), 'the running disk is not touched').toEqual(filled(1));
    const second = folder.afterDeath(false);
    const imported = await OpfsStore.open(second, 'main');
    expect([imported.disk.sectors, sector(imported)]).toEqual([128, filled(2)]);
    expect(await imported.undo()).toBe(true);
    const third = second.afterDeath(false);
    const undone = await OpfsStore.open(third, 'main');
    expect([undone.disk.sectors, sector(undone)]).toEqual([32768, filled(1)]);
    expect(await undone.undo(), 'and once more').toBe(true);
    expect(sector(await OpfsStore.open(third.afterDeath(false), 'main'))).toEqual(filled(2));
  });

  test('an import that is cut short after undo leaves the image whole that undo put aside', async () => {
    const folder = await used();
    await importMarked(await OpfsStore.open(folder, 'main'), 2);
    const second = folder.afterDeath(false);
    const imported = await OpfsStore.open(second, 'main');
    await imported.undo();
    await imported.importBegin(4096);
    const third = second.afterDeath(true);
    await (await OpfsStore.open(third, 'main')).undo();
    const again = await OpfsStore.open(third.afterDeath(false), 'main');
    expect([again.disk.sectors, sector(again)]).toEqual([128, filled(2)]);
  });

  test('there is nothing to undo on a disk that was never replaced', async () => {
    expect(await (await OpfsStore.open(await used(), 'main')).undo()).toBe(false);
  });

  test('reset gives a fresh default disk and keeps the old one for undo', async () => {
    const folder = await used();
    await (await OpfsStore.open(folder, 'main')).reset();
    const next = folder.afterDeath(false);
    const fresh = await OpfsStore.open(next, 'main');
    expect([fresh.disk.sectors, sector(fresh)]).toEqual([32768, filled(0)]);
    await fresh.undo();
    expect(sector(await OpfsStore.open(next.afterDeath(false), 'main'))).toEqual(filled(1));
  });

  test('images come and go: after many imports the folder holds the disk and the one before', async () => {
    let folder = await used();
    for (let mark = 2; mark < 6; mark++) {
      await importMarked(await OpfsStore.open(folder, 'main'), mark);
      folder = folder.afterDeath(false);
    }
    expect(sector(await OpfsStore.open(folder, 'main'))).toEqual(filled(5));
    expect([...folder.files.keys()].filter((key) => key.endsWith('.img'))).toHaveLength(2);
  });

  test('an image that does not fill its last block is padded with zeros', async () => {
    const folder = await used();
    const store = await OpfsStore.open(folder, 'main');
    await store.importBegin(512 * 3);
    store.importChunk(0, new Uint8Array(512 * 3).fill(7));
    await store.importCommit();
    const padded = await OpfsStore.open(folder.afterDeath(false), 'main');
    expect(padded.disk.sectors).toBe(8);
    expect([sector(padded, 2), sector(padded, 3)]).toEqual([filled(7), filled(0)]);
  });

  test.each([0, -512, 511, 1000, Number.NaN])('a size of %d is refused', async (size) => {
    const store = await OpfsStore.open(await used(), 'main');
    await expect(store.importBegin(size)).rejects.toThrow('not whole sectors');
  });

  test.each([-1, 513, Number.NaN])('a chunk at %d of an image of 1024 bytes is refused', async (offset) => {
    const store = await OpfsStore.open(await used(), 'main');
    await store.importBegin(1024);
    expect(() => store.importChunk(offset, new Uint8Array(512))).toThrow('do not fit');
  });

  test('abort leaves nothing; chunks and commit outside an import are refused', async () => {
    const folder = await used();
    const before = [...folder.files.keys()];
    const store = await OpfsStore.open(folder, 'main');
    await store.importBegin(4096);
    await store.importAbort();
    expect([...folder.files.keys()]).toEqual(before);
    expect(() => store.importChunk(0, new Uint8Array(512))).toThrow('No image');
    await expect(store.importCommit()).rejects.toThrow('No image');
  });

  test('without room the import fails and the disk stays', async () => {
    const folder = await used();
    folder.quota = DISK + 1000;
    const store = await OpfsStore.open(folder, 'main');
    await expect(store.importBegin(MIB)).rejects.toThrow('QuotaExceededError');
    await store.importAbort();
    folder.quota = Number.POSITIVE_INFINITY;
    expect(sector(await OpfsStore.open(folder.afterDeath(false), 'main'))).toEqual(filled(1));
  });
});

describe.each([true, false])('a tab that dies at any operation (unflushed bytes kept: %s)', (keep) => {
  /** Runs `act` on a folder that dies at operation k, for every k, and gives each next tab to `check`. */
  async function atEveryOperation(
    start: () => Promise<FakeOpfs>,
    act: (folder: FakeOpfs) => Promise<unknown>,
    check: (store: OpfsStore, folder: FakeOpfs) => void,
  ): Promise<number> {
    const whole = await start();
    await act(whole);
    const total = whole.operations;
    for (let k = 0; k < total; k++) {
      const folder = await start();
      folder.left = k;
      await expect(act(folder)).rejects.toBeInstanceOf(TabDied);
      const next = folder.afterDeath(keep);
      check(await OpfsStore.open(next, 'main'), next);
    }
    return total;
  }

  test('during first use: the next tab has a whole default disk', async () => {
    const total = await atEveryOperation(
      async () => new FakeOpfs(),
      (folder) => OpfsStore.open(folder, 'main'),
      (store) => {
        expect([store.disk.sectors, sector(store, 0)[510], sector(store, 2048)[510]]).toEqual([32768, 0x55, 0x55]);
      },
    );
    expect(total).toBeGreaterThan(10);
  });

  test('during an import: the next tab has the old disk or the new one, whole', async () => {
    const seen = new Set<number>();
    await atEveryOperation(
      used,
      async (folder) => importMarked(await OpfsStore.open(folder, 'main'), 2),
      (store) => {
        const mark = sector(store)[0]!;
        seen.add(mark);
        expect(store.disk.sectors).toBe(mark === 1 ? 32768 : 128);
        if (mark === 2) for (const at of [0, 31, 32, 63, 64, 96, 127]) expect(sector(store, at)).toEqual(filled(2));
      },
    );
    expect([...seen].sort()).toEqual(keep ? [1, 2] : [1]);
  });

  test('during reset: the next tab has the old disk or a whole fresh one', async () => {
    await atEveryOperation(
      used,
      async (folder) => (await OpfsStore.open(folder, 'main')).reset(),
      (store) => {
        expect([0, 1]).toContain(sector(store)[0]);
        expect([store.disk.sectors, sector(store, 2048)[510]]).toEqual([32768, 0x55]);
      },
    );
  });
});
