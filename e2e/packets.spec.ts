/** The view "Packets": the same frame at each hop. Judged by tshark, and by the bytes. */
import { readFileSync } from 'node:fs';
import { expect, test } from './fixtures';
import { inFolder } from './images';
import type { Machine } from './machine';
import { Capture } from './net/tshark';

const SENT = ['micropython', 'net_virt_tx', 'ethernet_driver'];
const RECEIVED = ['ethernet_driver', 'net_virt_rx', 'micropython_net_copier', 'micropython'];

const capture = ({ page }: Machine, on: boolean) => page.evaluate((is) => window.lionsos.net.capture(is), on);
const rows = ({ page }: Machine) =>
  page.evaluate(async () =>
    (await window.lionsos.net.packets()).map(({ bytes, ...row }) => ({ ...row, bytes: [...bytes] })),
  );
const pcapng = async ({ page }: Machine, hop?: string) =>
  Buffer.from(await page.evaluate(async (name) => [...(await window.lionsos.net.pcapng(name))], hop));

async function open({ page }: Machine): Promise<void> {
  await page.getByRole('tab', { name: 'Packets' }).click();
  await expect(page.getByRole('grid', { name: 'Frames' })).toBeVisible();
}
const row = ({ page }: Machine, words: string) => page.locator('.packets-body .packet').filter({ hasText: words });

for (const board of ['qemu_virt_aarch64', 'maaxboard']) {
  test(`the four messages of DHCP at every hop, the same bytes (${board})`, async ({ machine }) => {
    await capture(machine, true);
    await machine.kill('micropython');
    await expect.poll(async () => (await rows(machine)).filter(({ protocol }) => protocol === 'DHCP').length).toBe(4);
    await expect
      .poll(async () =>
        (await rows(machine)).every(
          ({ direction, seen }) => Object.keys(seen).length === (direction === 'send' ? 3 : 4),
        ),
      )
      .toBe(true);
    const dhcp = (await rows(machine)).filter(({ protocol }) => protocol === 'DHCP');
    expect(dhcp.map(({ info }) => info)).toEqual([
      'DHCP Discover',
      'DHCP Offer 10.0.2.15',
      'DHCP Request 10.0.2.15',
      'DHCP Ack 10.0.2.15',
    ]);
    for (const { direction, seen, wrongs } of dhcp) {
      expect(Object.keys(seen).sort()).toEqual([...(direction === 'send' ? SENT : RECEIVED)].sort());
      expect(wrongs).toEqual([]);
    }
    await inFolder(async (folder) => {
      const all = new Capture(folder, [await pcapng(machine)]);
      const seen = all.fields('dhcp', 'dhcp.option.dhcp', 'frame.interface_name', 'udp.payload', 'ip.id');
      const bytes = new Map<string, Set<string>>();
      for (const line of seen) {
        const [type, , ...same] = line.split('\t');
        bytes.set(type!, (bytes.get(type!) ?? new Set()).add(same.join()));
      }
      expect(seen).toHaveLength(3 + 4 + 3 + 4);
      expect([...bytes.values()].map(({ size }) => size)).toEqual([1, 1, 1, 1]);
      for (const hop of [...new Set([...SENT, ...RECEIVED])]) {
        const at = new Capture(folder, [await pcapng(machine, hop)]);
        expect(at.bad, hop).toEqual([]);
        expect(at.count(''), hop).toBe((await rows(machine)).filter((frame) => hop in frame.seen).length);
      }
    });
  });
}

test.describe('the view', () => {
  test.use({ parameters: { disk: 'memory' } });

  test('captures while it is shown, and costs nothing otherwise', async ({ machine }) => {
    const echo =
      "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'abc', ('10.0.2.2', 7)); print(s.recvfrom(9)[0])";
    await machine.run(echo);
    await open(machine);
    await expect(machine.page.getByText('No frame has passed yet.')).toBeVisible();
    await machine.run(echo);
    await expect(row(machine, '> 7 3 bytes')).toBeVisible();
    await expect(row(machine, 'UDP 7 > ')).toBeVisible();
    await machine.page.getByRole('tab', { name: 'System' }).click();
    const before = (await rows(machine)).length;
    await machine.run(echo);
    expect((await rows(machine)).length).toBe(before);
  });

  test('filters, takes a frame apart, lights bytes and fields, gives a file', async ({ machine }) => {
    const { page } = machine;
    await open(machine);
    await machine.run("import requests; requests.get('http://10.0.2.2/big?size=3000')");
    // TCP sends it a second time where the lan was slow to answer: that is a frame as well.
    await expect(row(machine, 'GET /big?size=3000 HTTP/1.1').first()).toBeVisible();
    await page.getByRole('searchbox', { name: 'Filter' }).fill('http port 80 host 10.0.2.2 get');
    const others = page.locator('.packets-body .packet').filter({ hasNotText: 'GET /big?size=3000 HTTP/1.1' });
    await expect(others).toHaveCount(0);
    await row(machine, 'GET /big').first().click();
    const detail = page.locator('.packets-detail');
    await detail.getByRole('button', { name: 'Destination port 80' }).click();
    await expect(detail.locator('.packets-bytes .numbers .lit')).toHaveText(['00', '50']);
    await detail.locator('.packets-bytes .numbers b').nth(23).click();
    await page.mouse.move(0, 0);
    await expect(detail.locator('.packets-field.lit')).toHaveText('ProtocolTCP');
    await page.getByRole('searchbox').fill('port');
    await expect(page.getByText('After port comes its number, as in: port 53')).toBeVisible();
    await page.getByRole('searchbox').fill('');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByLabel('Download as pcapng').selectOption('micropython'),
    ]);
    expect(file.suggestedFilename()).toBe('micropython.pcapng');
    const bytes = readFileSync(await file.path());
    await inFolder((folder) => {
      const wireshark = new Capture(folder, [bytes]);
      expect(wireshark.bad).toEqual([]);
      expect(new Set(wireshark.fields('http.request', 'http.request.uri'))).toEqual(new Set(['/big?size=3000']));
    });
  });

  test('a burst is kept up with or counted; Stop stops', async ({ machine }) => {
    const { page } = machine;
    await open(machine);
    await machine.run("import requests; print(len(requests.get('http://10.0.2.2/big?size=2000000').content))");
    await expect(page.getByRole('status').filter({ hasText: 'frames' })).toHaveText(/[1-9]\d{2,} frames/);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    const count = (await rows(machine)).length;
    await machine.run("requests.get('http://10.0.2.2/big?size=2000')");
    expect((await rows(machine)).length).toBe(count);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect(page.getByText('Frames are not being captured.')).toBeVisible();
  });
});
