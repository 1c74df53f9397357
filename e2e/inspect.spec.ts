/** The inspectors: what they show is what shared memory holds; they can be frozen, are worked by keys, and do nothing when nothing happens. */
import type { Page } from '@playwright/test';
import type { InspectedDevice, InspectedQueue } from '../src/page/inspect/automation';
import { expect, test } from './fixtures';
import type { Machine } from './machine';

test.use({ viewport: { width: 1440, height: 900 } });

const inspect = <T>({ page }: Machine, name: string) =>
  page.evaluate((wanted) => window.lionsos.inspect(wanted) as Promise<unknown>, name) as Promise<T>;

async function open({ page }: Machine, node: string, tab: string): Promise<void> {
  const box = page.locator(`.graph [data-node="${node}"]`);
  // A second click closes it.
  if ((await box.getAttribute('aria-expanded')) !== 'true') await box.click({ position: { x: 12, y: 12 } });
  await page.getByRole('tab', { name: tab }).click();
}

const panel = (page: Page) => page.locator('.node-panel');

/** The bytes that stand on the page, by their place in the region. */
async function bytesShown(page: Page): Promise<Map<number, number>> {
  const cells = await page
    .locator('#slot-hex [role="gridcell"]')
    .evaluateAll((all) =>
      all.map((cell) => [Number((cell as HTMLElement).dataset.at), Number.parseInt(cell.textContent!, 16)] as const),
    );
  return new Map(cells);
}

const u32 = (bytes: Map<number, number>, at: number) =>
  [3, 2, 1, 0].reduce((word, i) => word * 256 + bytes.get(at + i)!, 0);

test('one request held: its queue shows exactly that, its fields are its bytes; frozen, by keys, and back', async ({
  machine,
}) => {
  const { page } = machine;
  await machine.run("f = open('held.txt', 'w'); f.write('before'); f.close()");
  await machine.settled();
  await page.evaluate(() => window.lionsos.gate.breakAt({ on: 'domain', domain: 'blk_driver' }));
  await machine.send("f = open('held.txt', 'a'); n = f.write('held'); f.close()\r");
  await expect.poll(() => page.evaluate(async () => (await window.lionsos.gate.status()).mode)).toBe('paused');

  const held = await inspect<InspectedQueue>(machine, 'blk_driver.request');
  expect(held).toMatchObject({ from: 'blk_virt', to: 'blk_driver', length: 1 });
  const { slot, fields } = held.entries[0]!;
  await open(machine, 'blk_virt', 'Queues');
  const ring = page.locator('[data-queue="driver_request"]');
  await expect(ring.locator('.count')).toHaveText('1 of 128');
  await expect(ring.locator('.filled')).toHaveCount(1);
  await expect(ring.locator('.filled')).toHaveAttribute('data-slot', String(slot));
  await expect(ring.locator('.filled')).toHaveAttribute('aria-selected', 'true');

  // The bytes by the digits of the C header, against the fields.
  const at = 16 + 32 * slot;
  const bytes = await bytesShown(page);
  expect(u32(bytes, at)).toBe(fields.code!.value);
  expect(['READ', 'WRITE']).toContain(fields.code!.words);
  expect(u32(bytes, at + 8)).toBe(fields.io_or_offset!.value);
  expect(u32(bytes, at + 16)).toBe(fields.block_number!.value);
  expect(u32(bytes, at + 28)).toBe(fields.id!.value);
  const row = (name: string) =>
    panel(page).locator('.inspect-fields tr', { has: page.getByRole('button', { name, exact: true }) });
  await expect(row('code').locator('td')).toHaveText([String(fields.code!.value), fields.code!.words]);
  const block = Number(await row('block_number').locator('td').first().textContent());
  expect(block).toBe(fields.block_number!.value);

  // Field to bytes, byte to field, by keys too.
  const hex = page.locator('#slot-hex');
  await row('block_number').getByRole('button').click();
  await page.mouse.move(0, 0);
  await expect(hex.locator('.lit')).toHaveCount(8);
  await expect(hex.locator('.lit').first()).toHaveAttribute('data-at', String(at + 16));
  await hex.focus();
  for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowRight');
  await expect(row('count')).toHaveClass('lit');
  await expect(hex).toHaveAttribute('aria-activedescendant', `slot-hex-${at + 24}`);
  await page.keyboard.press('ArrowUp');
  await expect(row('io_or_offset')).toHaveClass('lit');
  await ring.getByRole('grid').focus();
  await page.keyboard.press('ArrowRight');
  await expect(ring.locator('[aria-selected="true"]')).toHaveAttribute('data-slot', String((slot + 1) % 128));
  await page.keyboard.press('ArrowLeft');

  // Frozen: the system goes on and the view does not.
  await page.getByRole('button', { name: 'Freeze view' }).click();
  await page.evaluate(() => window.lionsos.gate.clear());
  await page.evaluate(() => window.lionsos.gate.resume());
  await machine.waitFor(/>>> $/);
  expect(await inspect<InspectedQueue>(machine, 'blk_driver.request')).toMatchObject({ length: 0 });
  await expect(ring.locator('.count')).toHaveText('1 of 128');
  expect(await bytesShown(page)).toEqual(bytes);
  await page.getByRole('button', { name: 'Frozen view' }).click();
  await expect(ring.locator('.count')).toHaveText('0 of 128');
});

test('a device that does not answer has the request in its virtqueue: chain, header and sector', async ({
  machine,
}) => {
  const { page } = machine;
  await machine.run("f = open('kept.txt', 'w'); f.write('x'); f.close()");
  await machine.settled();
  await page.evaluate(() => window.lionsos.fault.set({ on: 'disk', what: 'no answer', request: 'write' }));
  await machine.send("f = open('kept.txt', 'a'); n = f.write('y'); f.close()\r");
  const waiting = () => inspect<InspectedQueue>(machine, 'blk_driver.virtio-blk.requestq.avail');
  await expect.poll(async () => (await waiting()).length).toBe(1);
  const [{ parts }] = (await waiting()).entries as [InspectedQueue['entries'][0]];
  expect(parts.map(({ name }) => name)).toEqual(['virtq_desc', 'virtio_blk_req', 'virtq_desc', 'virtq_desc']);
  expect(parts[1]!.fields.type).toMatchObject({ value: 1, words: 'OUT' });
  expect(parts[2]!.fields.addr!.words).toContain('blk_client_fs_driver_vmm_data + 0x');
  // The same request on its way down, in the guest's own virtqueue.
  expect((await inspect<InspectedQueue>(machine, 'linux_fs_vm.virtio-blk.requestq.avail')).length).toBe(1);
  await open(machine, 'blk_driver', 'Queues');
  await expect(page.locator('[data-queue="virtio-blk.requestq.avail"] .filled')).toHaveCount(1);
  await page.evaluate(() => window.lionsos.fault.clear());
  await expect.poll(async () => (await waiting()).length).toBe(0);
});

/** A register that is known beforehand for each device. */
const KNOWN: readonly (readonly [domain: string, device: string, register: string, value: number, words: RegExp])[] = [
  ['uart_driver', 'PL011', 'UARTLCR_H', 0x70, /FEN WLEN=8 bits/],
  ['timer_driver', 'arch timer', 'CNTFRQ_EL0', 62_500_000, /62500000/],
  ['blk_driver', 'virtio-blk', 'MagicValue', 0x7472_6976, /"virt"/],
  ['ethernet_driver', 'virtio-net', 'DeviceID', 1, /NET/],
  ['fs_driver_vmm', 'virtio-console', 'DeviceID', 3, /CONSOLE/],
];
const KNOWN_ON_MAAXBOARD: typeof KNOWN = [
  ['uart_driver', 'i.MX UART', 'UCR1', 0x201, /UARTEN RRDYEN/],
  ['timer_driver', 'GPT', 'CR', 0x241, /EN CLKSRC=the peripheral clock FRR/],
  ['blk_driver', 'uSDHC', 'HOST_CTRL_CAP', 0x07f3_b407, /DMAS VS33/],
  ['ethernet_driver', 'ENET', 'PALR', 0x5254_0100, /./],
];

test('the registers of every device on both boards by name; memory by name; nothing to do when idle', async ({
  machine,
}) => {
  const { page } = machine;
  await machine.run('print(1)');
  const expectKnown = async (known: typeof KNOWN) => {
    for (const [domain, device, register, value, words] of known) {
      const { registers } = await inspect<InspectedDevice>(machine, `${domain}.${device}`);
      const found = registers.find(({ name }) => name === register)!;
      expect([domain, register, found.value]).toEqual([domain, register, value]);
      expect(found.words).toMatch(words);
      await open(machine, domain, 'Registers');
      await expect(panel(page).locator(`[data-device="${device}"] [data-register="${register}"] .value`)).toHaveText(
        found.text,
      );
    }
  };
  await expectKnown(KNOWN);

  await open(machine, 'linux_fs_vm', 'Memory');
  await page.getByLabel('Go to').fill('page_cache[3].flags');
  await page.keyboard.press('Enter');
  await expect(panel(page).locator('output')).toContainText('is page_cache[3].flags');
  await expect(panel(page).locator('.inspect-fields tr.lit th')).toHaveText('flags');
  await page.getByRole('combobox', { name: 'Region' }).selectOption('fs_fs_driver_vmm_share');
  await page.locator('.inspect-scroll').evaluate((box) => box.scrollTo(0, box.scrollHeight));
  await expect(page.locator('#memory-hex [role="rowheader"]').last()).toHaveText('3fffff0');
  expect(await page.locator('#memory-hex [role="row"]').count()).toBeLessThan(60);

  await open(machine, 'uart_driver', 'Registers');
  await machine.settled();
  await page.evaluate(() => {
    const { requestAnimationFrame: ask } = window;
    const counting = window as unknown as { asked: number };
    counting.asked = 0;
    window.requestAnimationFrame = (callback) => {
      counting.asked++;
      return ask(callback);
    };
  });
  const frames = () => page.evaluate(() => (window as unknown as { asked: number }).asked);
  let before = -1;
  await expect.poll(async () => before === (before = await frames()), { intervals: [1500] }).toBe(true);
  await page.waitForTimeout(2000);
  expect(await frames()).toBe(before);

  await page.evaluate(() => window.lionsos.reboot({ board: 'maaxboard' }));
  await machine.ready();
  await expectKnown(KNOWN_ON_MAAXBOARD);
});
