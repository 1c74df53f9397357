/** Disks that begin as an image on the server: fetched as they are read, written here, and a tab that dies at any operation. */
import { describe, expect, test } from 'vitest';
import { BlockMap } from './block_map';
import { HostedImage, HostedRefusal } from './hosted_image';
import { HostedOrigin } from './hosted_origin';
import { MemoryFile } from './memory_file';
import { OpfsStore } from './opfs_store';
import { FakeOpfs, TabDied } from './testing/fake_opfs';
import { FakeServer } from './testing/fake_server';

const URL = 'http://host/disks/class%20one.img';
const BLOCK = 4096;
const SIZE = 1 << 20;

const CONTENT = Uint8Array.from({ length: SIZE }, (_, i) => (i >> 9) + 1);
const content = (size = SIZE) => CONTENT.slice(0, size);
/** Vitest compares arrays element by element, which takes seconds for a megabyte. */
const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
const filled = (byte: number, length = BLOCK) => new Uint8Array(length).fill(byte);

async function open(server: FakeServer, folder = new FakeOpfs()) {
  const origin = new HostedOrigin(new HostedImage(URL, server));
  const store = await OpfsStore.open(folder, 'hosted', origin);
  const read = (sector: number, length = BLOCK) => {
    const bytes = new Uint8Array(length);
    store.disk.read(sector, bytes);
    return bytes;
  };
  return { store, origin, folder, read };
}

describe('reading', () => {
  test('fetches 64 KiB around what is wanted, once', async () => {
    const server = new FakeServer(content());
    const { read, store } = await open(server);
    expect(store.disk.sectors).toBe(SIZE / 512);
    expect(server.asked).toEqual(['bytes=0-511']);
    expect(read(200)).toEqual(content().subarray(200 * 512, 200 * 512 + BLOCK));
    read(130);
    expect(server.asked.slice(1)).toEqual(['bytes=65536-131071']);
  });

  test('fetches ever more of a disk that is read from front to back', async () => {
    const server = new FakeServer(content());
    const { read } = await open(server);
    for (let sector = 0; sector < SIZE / 512; sector += 8) read(sector);
    expect(server.asked.slice(1)).toEqual([
      'bytes=0-65535',
      'bytes=65536-196607',
      'bytes=196608-458751',
      'bytes=458752-983039',
      'bytes=983040-1048575',
    ]);
  });

  test('a long read is one request', async () => {
    const server = new FakeServer(content());
    const { read } = await open(server);
    expect(same(read(0, SIZE), content())).toBe(true);
    expect(server.asked).toHaveLength(2);
  });

  test('an image that does not fill its last block is followed by zeros', async () => {
    const { read, store } = await open(new FakeServer(content(9 * 512)));
    expect(store.disk.sectors).toBe(16);
    expect(read(8)).toEqual(Uint8Array.from([...filled(9, 512), ...filled(0, BLOCK - 512)]));
  });

  test('what was flushed is not fetched again in the next tab', async () => {
    const server = new FakeServer(content());
    const first = await open(server);
    first.read(0);
    first.store.disk.flush();
    const second = await open(server, first.folder.afterDeath(false));
    server.down = true;
    expect(second.read(8)).toEqual(content().subarray(BLOCK, 2 * BLOCK));
  });
});

describe('writing', () => {
  test('a written block is never asked of the server, and a part of one is filled up from it', async () => {
    const server = new FakeServer(content());
    const { read, store } = await open(server);
    expect(store.disk.isHere!(7, 1024)).toBe(false);
    store.disk.write(8, filled(0xee));
    expect([store.disk.isHere!(8, 4096), store.disk.isHere!(15, 1024)]).toEqual([true, false]);
    expect(read(8)).toEqual(filled(0xee));
    expect(server.asked).toHaveLength(1);
    store.disk.write(19, filled(0xdd, 512));
    expect(server.asked).toHaveLength(2);
    const mixed = content().slice(16 * 512, 24 * 512);
    mixed.set(filled(0xdd, 512), 3 * 512);
    expect(read(16)).toEqual(mixed);
    expect(read(8), 'the fetch has left it alone').toEqual(filled(0xee));
    store.disk.write(512, filled(0xcc, 512));
    const start = content().slice(512 * 512, 520 * 512);
    start.set(filled(0xcc, 512));
    expect(read(512), 'the rest of a block of which the start was written').toEqual(start);
  });

  test('survives the next tab after a flush, also when the server is gone', async () => {
    const server = new FakeServer(content());
    const { store, folder } = await open(server);
    store.disk.write(8, filled(0xee));
    store.disk.flush();
    server.down = true;
    const { read, origin } = await open(server, folder.afterDeath(false));
    expect(read(8)).toEqual(filled(0xee));
    expect(origin.state).toEqual({
      path: '/disks/class one.img',
      server: 'missing',
      reason: 'The server does not answer, so /disks/class one.img cannot be read.',
    });
    expect(() => read(0)).toThrow('Failed to fetch');
  });

  test('a tab that dies at any operation leaves every block as it was before or after its write; flushed ones after', async () => {
    for (let left = 0, died = true; died; left++) {
      const server = new FakeServer(CONTENT);
      const first = await open(server);
      first.folder.left = left;
      died = false;
      let flushed = 0;
      const written: number[] = [];
      try {
        for (const block of [3, 17, 40, 3, 100]) {
          first.store.disk.write(block * 8, filled(0xa0 + written.length));
          written.push(block);
          if (written.length % 2 === 1) continue;
          first.read((block + 1) * 8);
          first.store.disk.flush();
          flushed = written.length;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(TabDied);
        died = true;
      }
      for (const keep of [true, false]) {
        const { read } = await open(server, first.folder.afterDeath(keep));
        for (let block = 0; block < SIZE / BLOCK; block++) {
          const now = read(block * 8);
          const old = CONTENT.subarray(block * BLOCK, (block + 1) * BLOCK);
          const values = [3, 17, 40, 3, 100].flatMap((b, i) => (b === block ? [filled(0xa0 + i)] : []));
          const last = written.slice(0, flushed).lastIndexOf(block);
          const allowed = last >= 0 ? [filled(0xa0 + last), ...values] : [old, ...values];
          if (!allowed.some((bytes) => same(bytes, now)))
            expect.fail(`block ${block} after ${left} operations, ${keep}`);
        }
      }
    }
  });
});

describe('the server', () => {
  test('has another image: what is here stays, the rest is refused, and starting anew can be undone', async () => {
    const server = new FakeServer(content());
    const first = await open(server);
    first.store.disk.write(0, filled(0xee));
    first.store.disk.flush();
    server.image = filled(7, SIZE);
    server.etag = '"2"';
    const second = await open(server, first.folder.afterDeath(false));
    expect(second.origin.state).toMatchObject({ server: 'changed' });
    expect(second.read(0)).toEqual(filled(0xee));
    expect(() => second.read(800)).toThrow('has changed on the server');
    await second.store.reset();
    const third = await open(server, second.folder.afterDeath(false));
    expect(third.origin.state).toMatchObject({ server: 'same' });
    expect(third.read(0)).toEqual(filled(7));
    expect(await third.store.undo()).toBe(true);
    const fourth = await open(server, third.folder.afterDeath(false));
    expect(fourth.read(0)).toEqual(filled(0xee));
  });

  test('gets another image while the system runs: no byte of it comes in', async () => {
    const server = new FakeServer(content());
    const { read, origin } = await open(server);
    read(0);
    server.etag = '"2"';
    expect(() => read(800)).toThrow('has changed on the server');
    expect(origin.state).toMatchObject({ server: 'changed' });
    expect(read(0)).toEqual(content().subarray(0, BLOCK));
  });

  test('knows no ranges: a small image is taken as a whole', async () => {
    const server = new FakeServer(content());
    server.ranges = false;
    const { read, folder } = await open(server);
    server.down = true;
    expect(same(read(0, SIZE), content())).toBe(true);
    server.down = false;
    const again = await open(server, folder.afterDeath(false));
    expect(again.origin.state).toMatchObject({ server: 'same' });
    expect(server.asked).toEqual(['bytes=0-511', 'all', 'bytes=0-511']);
  });

  test.each<[string, Partial<FakeServer>, string]>([
    ['nothing there', { status: 404 }, 'is not on this server.'],
    ['gone', { status: 410 }, 'is not on this server.'],
    ['a start page', { type: 'text/html; charset=utf-8' }, 'is not on this server, or a web page.'],
    ['empty', { status: 416 }, 'is empty.'],
    ['in trouble', { status: 503 }, 'cannot be had: the server answers 503.'],
    ['odd length', { image: content(1000) }, 'is 1000 bytes long, which is not whole sectors of 512 bytes.'],
    ['packed', { image: Uint8Array.from([0x1f, 0x8b, ...content(510)]) }, 'Unpack it on the server.'],
    [
      'no ranges and large',
      { ranges: false, length: 65 * SIZE },
      'as a whole (it knows no HTTP Range), and is too large',
    ],
    ['no ranges and cut', { ranges: false, length: SIZE + 512 }, 'is 1049088 bytes long, and the server sent 1048576.'],
    ['silent', { down: true }, 'The server does not answer, so /disks/class one.img cannot be read.'],
  ])('%s: one sentence, and nothing is left behind by a reset', async (_, change, sentence) => {
    const server = new FakeServer(content());
    const { store, folder } = await open(server);
    Object.assign(server, change);
    const before = [...folder.files.keys()];
    await expect(store.reset()).rejects.toThrow(sentence);
    await expect(open(server)).rejects.toThrow(HostedRefusal);
    expect([...folder.files.keys()]).toEqual(before);
  });

  test.each<[string, Partial<FakeServer>, string]>([
    ['too little', { image: content(70_000 - (70_000 % 512)), length: SIZE }, 'The server sent 4096 of 65536 bytes'],
    ['all of it', { ranges: false }, 'answers 200 for a part'],
  ])('sends %s when asked for a part: an error, and no byte of it is kept', async (_, change, sentence) => {
    const server = new FakeServer(content());
    const { read } = await open(server);
    Object.assign(server, change);
    expect(() => read(128)).toThrow(sentence);
    Object.assign(server, { image: content(), ranges: true, length: undefined });
    expect(read(128)).toEqual(content().subarray(128 * 512, 128 * 512 + BLOCK));
  });
});

test('another image that the person opens takes the place of the hosted one, and undo brings that back', async () => {
  const server = new FakeServer(content());
  const first = await open(server);
  first.store.disk.write(0, filled(0xee));
  first.store.disk.flush();
  await first.store.importBegin(BLOCK);
  first.store.importChunk(0, filled(5));
  await first.store.importCommit();
  const second = await open(server, first.folder.afterDeath(false));
  expect([second.store.disk.sectors, second.origin.state]).toEqual([8, undefined]);
  await second.store.undo();
  expect((await open(server, second.folder.afterDeath(false))).read(0)).toEqual(filled(0xee));
});

test('where nothing can be kept, the disk works in memory', async () => {
  const server = new FakeServer(content());
  const origin = new HostedOrigin(new HostedImage(URL, server));
  const disk = await origin.inMemory();
  if (disk instanceof Error) throw disk;
  disk.write(8, filled(9));
  disk.flush();
  const bytes = new Uint8Array(3 * BLOCK);
  disk.read(0, bytes);
  expect(bytes.subarray(BLOCK, 2 * BLOCK)).toEqual(filled(9));
  expect(bytes.subarray(2 * BLOCK)).toEqual(content().subarray(2 * BLOCK, 3 * BLOCK));
});

test('a map that makes no sense is refused: the server must not win over what was written', async () => {
  const server = new FakeServer(content());
  const { folder } = await open(server);
  const next = folder.afterDeath(false);
  next.corrupt('hosted.1.map', 'x');
  await expect(open(server, next)).rejects.toThrow('cannot be read');
});

test('a map on the store: 4096 bytes that name the image, then one bit for each block, least first', () => {
  const file = new MemoryFile();
  const identity = { url: URL, size: 20 * BLOCK, etag: 'e', modified: undefined, isWhole: false };
  const map = BlockMap.create(file, identity, false);
  for (const block of [0, 9, 19]) map.add(block);
  expect(file.getSize()).toBe(4096 + 3);
  map.save();
  const bits = new Uint8Array(3);
  file.read(bits, { at: 4096 });
  expect([...bits]).toEqual([0x01, 0x02, 0x08]);
  expect(BlockMap.read(file).identity).toEqual(identity);
  expect([0, 1, 9, 19].map((block) => BlockMap.read(file).has(block))).toEqual([true, false, true, true]);
});
