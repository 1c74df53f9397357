/** Which client's request each id at the driver stands for. The driver's ids are ours: 0 to 1023, reused oldest first. */
import type { Client } from './virt';

/** DRIVER_MAX_NUM_BUFFERS of upstream: requests that may be at the driver at once. */
export const MAX_REQUESTS = 1024;

export interface Book {
  /** Undefined for the virtualiser's own reads. */
  readonly client: Client | undefined;
  /** The client's id. */
  readonly id: number;
  /** Its number in the flight recorders; the client's word, of use to nobody else. */
  readonly request: number;
}

export class RequestBook {
  readonly #entries: (Book | undefined)[] = new Array(MAX_REQUESTS);
  readonly #owed = new Map<Client | undefined, number>();
  #next = 0;
  /** Requests that the driver has not answered. */
  size = 0;

  /** The caller keeps `size` below MAX_REQUESTS. */
  add(entry: Book): number {
    while (this.#entries[this.#next]) this.#next = (this.#next + 1) % MAX_REQUESTS;
    const id = this.#next;
    this.#next = (id + 1) % MAX_REQUESTS;
    this.#entries[id] = entry;
    this.size++;
    this.#owed.set(entry.client, this.owedTo(entry.client) + 1);
    return id;
  }

  /** The request with this id, which is then no longer at the driver; undefined for an id that is not. */
  take(id: number): Book | undefined {
    const entry = this.#entries[id];
    if (!entry) return undefined;
    this.#entries[id] = undefined;
    this.size--;
    this.#owed.set(entry.client, this.owedTo(entry.client) - 1);
    return entry;
  }

  /** Requests of this client that the driver has not answered. */
  owedTo(client: Client | undefined): number {
    return this.#owed.get(client) ?? 0;
  }
}
