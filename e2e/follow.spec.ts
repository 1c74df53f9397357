/** Follow my bytes: what a statement is said to have done to the disk, it has done; by click, by keys and by program. */
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures';
import type { Machine } from './machine';

test.use({ viewport: { width: 1440, height: 900 } });

const TEXT = 'follow me down to the sectors';
const WRITE = `f = open('/follow.txt', 'w'); n = f.write('${TEXT}'); f.close()`;
const READ = "n = open('/follow.txt').read()";

/** Types a line and waits for the prompt behind it. */
async function line(page: Page, text: string): Promise<void> {
  await page.evaluate(async (typed) => {
    await window.lionsos.send(`${typed}\r`);
    await window.lionsos.waitFor(typed);
    await window.lionsos.waitFor(/>>> $/);
  }, text);
}

/** The newest statement that was typed so. */
const told = (page: Page, text: string) =>
  page.evaluate(async (typed) => {
    const all = await window.lionsos.follow(20);
    return all.find(({ lines }) => lines[0] === typed);
  }, text);

/** Where on the whole disk the text is, in bytes. */
const placeOf = (page: Page, text: string) =>
  page.evaluate(async (wanted) => {
    const image = await window.lionsos.disk.export();
    const bytes = new TextEncoder().encode(wanted);
    const places: number[] = [];
    for (let at = image.indexOf(bytes[0]!); at >= 0; at = image.indexOf(bytes[0]!, at + 1))
      if (bytes.every((byte, i) => image[at + i] === byte)) places.push(at);
    return places;
  }, text);

const holds = ({ first, count }: { first: number; count: number }, byte: number) =>
  byte >= first * 512 && byte < (first + count) * 512;

async function bytesAreFollowed({ page }: Machine, device: string): Promise<void> {
  await line(page, WRITE);
  const written = (await told(page, WRITE))!;
  const [place, ...others] = await placeOf(page, TEXT);
  expect(others).toEqual([]);
  const write = written.commands.find(({ name }) => name === 'FILE_WRITE')!;
  expect(write).toMatchObject({ length: TEXT.length, offset: 0, status: 0, tries: 1 });
  const contents = write.requests.find(({ op, why }) => op === 'write' && why.includes('FILE'))!;
  expect(holds(contents.sectors!, place!)).toBe(true);
  expect(written.written.some((sectors) => holds(sectors, place!))).toBe(true);
  expect(written.clusters.length).toBe(1);
  const who = new Set(written.hops.map((hop) => hop.who));
  expect([...who].sort()).toEqual(
    ['micropython', 'linux_fs_vm', 'fs_driver_vmm', 'blk_virt', 'blk_driver', device].sort(),
  );
  const times = written.hops.map(({ at }) => at);
  expect(times).toEqual([...times].sort((a, b) => a - b));

  await page.evaluate(() => window.lionsos.pd.kill('linux_fs_vm'));
  // What was said of it stands behind the prompt: the next line has one of its own.
  await line(page, '');
  await line(page, READ);
  const cold = (await told(page, READ))!;
  const read = cold.commands.find(({ name }) => name === 'FILE_READ')!;
  const fetched = read.requests.filter(({ op, why }) => op === 'read' && why.includes('FILE'));
  expect(fetched.some(({ sectors }) => holds(sectors!, place!))).toBe(true);
  expect(cold.reasons.join('\n')).toMatch(/Read sectors \d+ to \d+: the file's contents/);

  await line(page, `${READ} + ''`);
  const cached = (await told(page, `${READ} + ''`))!;
  expect(cached.commands.flatMap(({ requests }) => requests)).toEqual([]);
  expect(cached.reasons.join('\n')).toMatch(/FILE_READ, \d+ bytes at 0: none, it was in the page cache/);
}

test('a write, a cold read, a cached read: the sectors are those that hold the bytes', async ({ machine }) => {
  const { page } = machine;
  await bytesAreFollowed(machine, 'virtio-blk');
  // The kill has opened the recovery, which leaves the graph little room.
  await machine.reload();
  for (const again of [READ, `${READ} + ''`]) await line(page, again);

  await test.step('a click beside the line lights its way', async () => {
    await line(page, `${WRITE} # again`);
    await page.locator('.gutter .statement').last().click();
    const panel = page.getByRole('region', { name: 'Follow my bytes' });
    await expect(panel.getByRole('option', { selected: true })).toHaveText(/^f = open/);
    for (const id of ['micropython', 'linux_fs_vm', 'blk_virt', 'blk_driver', 'blk_driver.device'])
      await expect(page.locator(`.graph [data-node="${id}"]`)).toHaveClass(/on-path/);
    await expect(page.locator('.graph [data-node="uart_driver"]')).toHaveClass(/off-path/);
    await expect(panel.locator('.commands li').first()).toHaveText(/^micropython queues FILE_/);
    await panel.getByRole('button', { name: 'Stop following' }).click();
    await expect(page.locator('.graph .off-path')).toHaveCount(0);
    await expect(page.locator('.gutter .followed')).toHaveCount(0);
  });

  await test.step('the same by keys', async () => {
    const list = page.getByRole('listbox', { name: /^Statements/ });
    await list.getByRole('option').first().focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Home');
    const chosen = list.getByRole('option', { selected: true });
    for (let i = 0; !(await chosen.textContent())?.includes(".read() + ''"); i++) {
      expect(i).toBeLessThan(20);
      await page.keyboard.press('ArrowDown');
    }
    await expect(chosen).toBeFocused();
    // What was in the page cache went no further than the guest.
    await expect(page.locator('.graph [data-node="linux_fs_vm"]')).toHaveClass(/on-path/);
    await expect(page.locator('.graph [data-node="blk_virt"]')).toHaveClass(/off-path/);
    await page.keyboard.press('Escape');
    await expect(page.locator('.graph .off-path')).toHaveCount(0);
  });

  await test.step('what a kill interrupts is a second try', async () => {
    const work = "f = open('/big', 'w'); [(f.seek(0), f.write(bytes(65536))) for i in range(40)]; f.close()";
    await expect(async () => {
      await page.evaluate((typed) => window.lionsos.send(`${typed}\r`), work);
      await page.evaluate(async () => {
        await window.lionsos.pd.kill('linux_fs_vm');
        await window.lionsos.waitFor(/>>> $/);
      });
      const again = (await told(page, work))!.commands.filter(({ tries }) => tries > 1);
      expect(again.length).toBeGreaterThan(0);
      expect(again.every(({ status }) => status === 0)).toBe(true);
    }).toPass({ timeout: 20_000 });
  });
});

test.describe('the other board', () => {
  test.use({ parameters: { board: 'maaxboard' } });

  test('the same down to the SD card', async ({ machine }) => {
    await bytesAreFollowed(machine, 'uSDHC');
  });
});
