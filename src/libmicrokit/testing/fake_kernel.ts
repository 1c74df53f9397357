/** A kernel for tests of one component alone: writes down what it is asked and does nothing. */
import type { Channel, Kernel } from '../pd';

export class FakeKernel implements Kernel {
  readonly name = 'test';
  readonly notifications: Channel[] = [];
  readonly acks: Channel[] = [];
  printed = '';
  nowNs = 0;

  notify(ch: Channel): void {
    this.notifications.push(ch);
  }
  irqAck(ch: Channel): void {
    this.acks.push(ch);
  }
  print(text: string): void {
    this.printed += text;
  }
  now(): number {
    return this.nowNs;
  }
  wallClock(): number {
    return 0;
  }
  trace(): void {}
  attach(): void {}
  poll(): number {
    return 0;
  }
  ppcall(): never {
    throw new Error('nobody is there to be called');
  }
  /** Nothing comes: the time-out, or a domain that would hang. */
  wait(_channels: number, deadlineNs?: number): number {
    if (deadlineNs === undefined) throw new Error('nothing will come');
    return 0;
  }
  redirect(): void {}

  irqLine(): never {
    throw new Error('there is no interrupt');
  }
  /** The notifications since the last time. */
  taken(): Channel[] {
    return this.notifications.splice(0);
  }
}
