/** The page's frame: a link shows what its sender saw, single keys act outside the terminal, Esc goes back, words tell what the graph shows. */
import { expect, test } from './fixtures';

test.use({ viewport: { width: 1440, height: 900 } });

test('the address says what is seen, and Back undoes another view or node', async ({ machine }) => {
  const { page } = machine;
  await page.goto(`${machine.url.href}#v1&node=blk_virt`);
  await machine.reload();
  await expect(page.getByRole('region', { name: 'blk_virt, in detail' })).toBeVisible();
  await page.getByRole('tab', { name: 'Disk' }).click();
  expect(new URL(page.url()).hash).toContain('view=disk');
  await page.goBack();
  await expect(page.getByRole('region', { name: 'blk_virt, in detail' })).toBeVisible();
  await page.goto(`${machine.url.href}#v9&view=disk`);
  await machine.reload();
  await expect(page.getByText('The link says v9')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'System' })).toHaveAttribute('aria-selected', 'true');
});

test('single keys show views outside the terminal, are text inside it, and can be switched off', async ({
  machine,
}) => {
  const { page } = machine;
  const selected = (name: string) => expect(page.getByRole('tab', { name })).toHaveAttribute('aria-selected', 'true');
  await page.locator('.xterm-helper-textarea').focus();
  await page.keyboard.type('df');
  await machine.page.evaluate(() => window.lionsos.waitFor('>>> df'));
  await selected('System');
  await page.keyboard.press('Control+Shift+ArrowUp');
  await page.keyboard.press('d');
  await selected('Disk');
  await page.keyboard.press('?');
  await selected('Help');
  await page.getByLabel('Single keys act on the page').uncheck();
  await page.keyboard.press('d');
  await selected('Help');
  await page.getByLabel('Single keys act on the page').check();
  await page.keyboard.press('g');
  await selected('System');
});

test('the splitter is moved by keys and stays where it was put', async ({ machine }) => {
  const { page } = machine;
  const splitter = page.getByRole('separator', { name: 'Width of the terminal' });
  const width = () => page.locator('section.terminal').evaluate((element) => element.getBoundingClientRect().width);
  await splitter.focus();
  const before = await width();
  await page.keyboard.press('ArrowRight');
  await expect.poll(width).toBe(before - 16);
  await page.keyboard.press('Home');
  await expect.poll(width).toBe(1440 - 560);
  await machine.reload();
  await expect.poll(width).toBe(1440 - 560);
  await splitter.focus();
  await page.keyboard.press('Enter');
  await expect.poll(width).toBe(before);
});

test('words tell the way of a write, in the order of time, and stand still when frozen', async ({ machine }) => {
  const { page } = machine;
  const told = page.getByRole('list', { name: 'Events' });
  await told.waitFor();
  await page.evaluate(() => window.lionsos.run("f = open('told.txt', 'w'); n = f.write('words'); f.close()"));
  for (const words of ['fs_driver_vmm notified blk_virt', 'blk_virt notified blk_driver'])
    await expect(told.getByText(words).last()).toBeAttached();
  const times = await told.locator('.ms').allTextContents();
  expect(times.length).toBeGreaterThan(4);
  await page.getByRole('button', { name: 'Freeze' }).click();
  const frozen = await told.textContent();
  await page.evaluate(() => window.lionsos.run("open('told.txt').read()"));
  expect(await told.textContent()).toBe(frozen);
  await page.getByRole('button', { name: 'Freeze' }).click();
  await expect(told).not.toHaveText(frozen!);
});
