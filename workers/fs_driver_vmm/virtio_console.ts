/**
 * The virtio console that the guest sees, over the serial queues; libvmm src/virtio/console.c. [VIRTIO 1.2] 5.3, one port. What has
 * no room waits where it is: output in the guest's transmit queue, input in the serial queue.
 */
import type { Dma, IrqLine } from '../../src/hw/device';
import { scatterLength, scatterSlice, spread } from '../../src/hw/scatter';
import { type StatusWord, VirtioMmio } from '../../src/hw/virtio_mmio';
import type { VirtqDevice } from '../../src/hw/virtq_device';
import type { SerialQueue } from '../../src/protocol/serial_queue';
import { VIRTIO_F_VERSION_1_HIGH, VIRTIO_ID, VIRTIO_VENDOR_QEMU } from '../../src/specs/virtio_mmio';

const RECEIVEQ = 0;
const TRANSMITQ = 1;
const QUEUE_NUM_MAX = 128;
/** cols u16, rows u16, max_nr_ports u32, emerg_wr u32: none of them is offered. */
const CONFIG_SIZE = 12;

export interface SerialPorts {
  readonly rx: SerialQueue;
  readonly tx: SerialQueue;
  readonly notifyRx: () => void;
  readonly notifyTx: () => void;
}

export class VirtioConsoleDevice {
  readonly mmio: VirtioMmio;
  /** Bytes of the first available transmit chain that are in the serial queue already. */
  #sent = 0;

  constructor(
    readonly serial: SerialPorts,
    dma: Dma,
    irq: IrqLine,
    interruptStatus: StatusWord,
  ) {
    this.mmio = new VirtioMmio({
      deviceId: VIRTIO_ID.CONSOLE,
      vendorId: VIRTIO_VENDOR_QEMU,
      features: [0, VIRTIO_F_VERSION_1_HIGH],
      queueNumMax: QUEUE_NUM_MAX,
      queueCount: 2,
      config: new Uint8Array(CONFIG_SIZE),
      dma,
      irq,
      interruptStatus,
    });
    const reset = () => {
      this.#sent = 0;
    };
    this.mmio.attach({ notified: (queue) => (queue === RECEIVEQ ? this.receive() : this.transmit()), reset });
  }

  /** Guest to serial. At most a queue's worth of chains: a guest that adds for ever has to ring again. */
  transmit(): void {
    this.#serve(TRANSMITQ, (queue) => {
      const chain = queue.peek();
      if (!chain) return undefined;
      const length = scatterLength(chain.readable);
      this.#sent += this.#write(scatterSlice(chain.readable, this.#sent, length));
      // The guest may have made the chain shorter meanwhile; what is sent is sent.
      if (this.#sent < length) return undefined;
      this.#sent = 0;
      queue.take();
      return { head: chain.head, written: 0 };
    });
  }

  /** Serial to guest. */
  receive(): void {
    let consumed = false;
    this.#serve(RECEIVEQ, (queue) => {
      if (!(this.serial.rx.length > 0)) return undefined;
      const chain = queue.pop();
      if (!chain) return undefined;
      const written = spread(chain.writable, 0, this.serial.rx.peek(scatterLength(chain.writable)));
      this.serial.rx.consume(written);
      consumed ||= written > 0;
      return { head: chain.head, written };
    });
    if (consumed && this.serial.rx.takeProducerSignal()) this.serial.notifyRx();
  }

  #serve(index: number, next: (queue: VirtqDevice) => { head: number; written: number } | undefined): void {
    const queue = this.mmio.queue(index);
    if (!queue || queue.violation !== undefined) return;
    let wanted = false;
    for (let n = 0; n < queue.size; n++) {
      const done = next(queue);
      if (!done) break;
      wanted = queue.push(done.head, done.written) || wanted;
    }
    if (wanted) this.mmio.raiseUsed();
    if (queue.violation !== undefined) this.mmio.needsReset();
  }

  /** How much found room; when not all did, the virtualiser will signal once there is some. */
  #write(parts: readonly Uint8Array[]): number {
    const { tx } = this.serial;
    let sent = 0;
    for (const part of parts) {
      let n = tx.write(part);
      if (n < part.length) {
        tx.requestProducerSignal();
        // Room that came between the two would otherwise go unnoticed.
        n += tx.write(part.subarray(n));
      }
      sent += n;
      if (n < part.length) break;
    }
    if (sent > 0) this.serial.notifyTx();
    return sent;
  }
}
