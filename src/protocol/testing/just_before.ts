/** The instant at which a wake-up is lost by whoever does not look twice: after the last look into a queue, before the request. */
import type { NetQueue } from '../net_queue';

/** The other end does `act` just before this one asks for a signal the next time. */
export function justBefore(queue: NetQueue, act: () => void): void {
  const request = queue.requestSignal.bind(queue);
  queue.requestSignal = () => {
    queue.requestSignal = request;
    act();
    request();
  };
}
