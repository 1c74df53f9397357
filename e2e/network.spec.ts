/** The network outside the machine, on both boards: what the page can ask of it. */
import { expect, test } from './fixtures';

for (const board of ['qemu_virt_aarch64', 'maaxboard']) {
  test.describe(`on ${board}`, () => {
    test.use({ parameters: { board, disk: 'memory' } });

    test('it is started with the system, is no domain, and an idle wire carries nothing', async ({ machine }) => {
      const names = (await machine.list()).map(({ name }) => name);
      expect(names).toContain('ethernet_driver');
      expect(names).not.toContain('lan');
      const status = await machine.page.evaluate(() => window.lionsos.net.status());
      expect(status.lan).toMatchObject({ carries: false, framesRefused: 0 });
      expect(status.wire.out.drops + status.wire.in.drops).toBe(0);
      expect(Object.keys(status.hops).sort()).toEqual(['micropython_net_copier', 'net_virt_rx', 'net_virt_tx']);
    });
  });
}
