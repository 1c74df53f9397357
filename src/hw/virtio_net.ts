/**
 * virtio network device with one pair of queues, as QEMU has it. [VIRTIO 1.2] 5.1. It receives every frame (promiscuous, as QEMU's is
 * without the control queue), and drops what has no buffer. Sends within QueueNotify; receives within `poll`.
 * Not modelled: checksum and segmentation offloads, mergeable buffers, control queue, multi-queue, link changes.
 */
import { VIRTIO_F_VERSION_1_HIGH, VIRTIO_ID, VIRTIO_VENDOR_QEMU } from '../specs/virtio_mmio';
import {
  VIRTIO_NET_CONFIG,
  VIRTIO_NET_CONFIG_SIZE,
  VIRTIO_NET_F,
  VIRTIO_NET_HEADER,
  VIRTIO_NET_HEADER_SIZE,
  VIRTIO_NET_LEGACY_HEADER_SIZE,
  VIRTIO_NET_QUEUE,
  VIRTIO_NET_S_LINK_UP,
} from '../specs/virtio_net';
import type { Dma, IrqLine } from './device';
import { gather, scatterLength, spread } from './scatter';
import { VirtioMmio } from './virtio_mmio';
import type { VirtqDevice } from './virtq_device';
import { drainWire, type Wire } from './wire';

const QUEUE_NUM_MAX = 1024;
/** As much as is ever gathered of a chain: longer than any frame. */
const SEND_MAX = 0x1_0000;

export class VirtioNet {
  readonly mmio: VirtioMmio;
  /** Received frames that found no buffer, or none that was long enough. */
  rxDropped = 0;
  /** 0, which has always passed, while more frames may be waiting than one poll takes. */
  deadlineNs: number | undefined;

  constructor(
    readonly wire: Wire,
    readonly mac: Uint8Array,
    dma: Dma,
    irq: IrqLine,
  ) {
    this.mmio = new VirtioMmio({
      deviceId: VIRTIO_ID.NET,
      vendorId: VIRTIO_VENDOR_QEMU,
      features: [VIRTIO_NET_F.MAC | VIRTIO_NET_F.STATUS, VIRTIO_F_VERSION_1_HIGH],
      // sDDF's driver accepts bits 0, 2 and 37: it writes the numbers of features in place of their masks.
      masksFeatures: true,
      queueNumMax: QUEUE_NUM_MAX,
      queueCount: 2,
      config: configSpace(mac),
      dma,
      irq,
    });
    this.mmio.attach({
      notified: (index) => {
        if (index === VIRTIO_NET_QUEUE.TX) this.#send();
        else this.poll();
      },
      // sDDF's driver rings for what it made available before it sets DRIVER_OK, and not again.
      started: () => {
        this.#send();
        this.poll();
      },
      reset() {},
    });
  }

  /** Takes what has arrived on the wire. A network card that nobody runs hears nothing: it drops the frames. */
  poll(): void {
    const queue = this.mmio.queue(VIRTIO_NET_QUEUE.RX);
    let wanted = false;
    const more = drainWire(this.wire, (frame) => {
      const pushed = queue && this.#deliver(queue, frame);
      if (pushed === undefined) this.rxDropped++;
      else wanted = pushed || wanted;
    });
    this.deadlineNs = more ? 0 : undefined;
    if (wanted) this.mmio.raiseUsed();
    if (queue) this.#complain(queue);
  }

  /** Whether the driver wants an interrupt for it; undefined when the frame found no place. */
  #deliver(queue: VirtqDevice, frame: Uint8Array): boolean | undefined {
    const chain = queue.peek();
    if (!chain) return undefined;
    const header = new Uint8Array(this.#headerSize);
    if (chain.readable.length > 0 || scatterLength(chain.writable) < header.length) {
      queue.violation = 'a receive buffer without place for the header';
      return undefined;
    }
    // Without mergeable buffers a frame has one chain or none.
    if (scatterLength(chain.writable) < header.length + frame.length) return undefined;
    queue.take();
    if (header.length > VIRTIO_NET_HEADER.num_buffers) header[VIRTIO_NET_HEADER.num_buffers] = 1;
    spread(chain.writable, 0, header);
    spread(chain.writable, header.length, frame);
    return queue.push(chain.head, header.length + frame.length);
  }

  #send(): void {
    const queue = this.mmio.queue(VIRTIO_NET_QUEUE.TX);
    if (!queue) return;
    let wanted = false;
    for (let chain = queue.pop(); chain; chain = queue.pop()) {
      const length = scatterLength(chain.readable) - this.#headerSize;
      if (length < 0 || length > SEND_MAX || chain.writable.length > 0) {
        queue.violation = 'a frame to send without header, or one for the device to write';
        break;
      }
      const frame = new Uint8Array(length);
      gather(chain.readable, this.#headerSize, frame);
      this.wire.send(frame);
      wanted = queue.push(chain.head, 0) || wanted;
    }
    if (wanted) this.mmio.raiseUsed();
    this.#complain(queue);
  }

  /** Once: a driver that does nothing about it is not told with every frame. */
  #complain(queue: VirtqDevice): void {
    if (queue.violation !== undefined && this.mmio.violation === undefined) this.mmio.needsReset();
  }

  get #headerSize(): number {
    return this.mmio.accepted(0, VIRTIO_F_VERSION_1_HIGH) ? VIRTIO_NET_HEADER_SIZE : VIRTIO_NET_LEGACY_HEADER_SIZE;
  }
}

function configSpace(mac: Uint8Array): Uint8Array {
  const config = new Uint8Array(VIRTIO_NET_CONFIG_SIZE);
  config.set(mac, VIRTIO_NET_CONFIG.mac);
  config[VIRTIO_NET_CONFIG.status] = VIRTIO_NET_S_LINK_UP;
  return config;
}
