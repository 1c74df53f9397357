/** A server with one image, which can be changed, taken away, or be one that knows no ranges. */
import type { Net, Reply } from '../hosted_image';

export class FakeServer implements Net {
  etag: string | undefined = '"1"';
  ranges = true;
  status = 0;
  down = false;
  type = 'application/octet-stream';
  /** Ranges asked for, in order. */
  readonly asked: string[] = [];
  /** Told instead of what is true. */
  length: number | undefined;

  constructor(public image: Uint8Array) {}

  async get(_url: string, range?: string) {
    const { body, ...reply } = this.getNow(_url, range);
    return {
      ...reply,
      async *chunks() {
        for (let at = 0; at < body.length; at += 5000) yield body.subarray(at, at + 5000);
      },
    };
  }

  getNow(_url: string, range?: string): Reply & { body: Uint8Array } {
    if (this.down) throw new TypeError('Failed to fetch');
    this.asked.push(range ?? 'all');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? [];
    const isPart = this.ranges && first !== undefined;
    const size = this.length ?? this.image.length;
    const headers: Record<string, string | undefined> = {
      etag: this.etag,
      'content-type': this.type,
      'content-length': isPart ? undefined : String(size),
      'content-range': isPart ? `bytes ${first}-${last}/${size}` : undefined,
    };
    const body = isPart ? this.image.slice(Number(first), Number(last) + 1) : this.image;
    return { status: this.status || (isPart ? 206 : 200), header: (name) => headers[name], body };
  }
}
