/** virtio network device. [VIRTIO 1.2] 5.1. */
export const VIRTIO_NET_F = {
  CSUM: 1 << 0,
  CTRL_GUEST_OFFLOADS: 1 << 2,
  MTU: 1 << 3,
  MAC: 1 << 5,
  STATUS: 1 << 16,
} as const;

/** Queue indices of a device with one pair. 5.1.2 */
export const VIRTIO_NET_QUEUE = { RX: 0, TX: 1 } as const;

/** Offsets in the configuration space: u8 mac[6], u16 status, u16 max_virtqueue_pairs, u16 mtu. 5.1.4 */
export const VIRTIO_NET_CONFIG = { mac: 0, status: 6, max_virtqueue_pairs: 8, mtu: 10 } as const;
export const VIRTIO_NET_CONFIG_SIZE = 12;
export const VIRTIO_NET_S_LINK_UP = 1;

/**
 * Before each frame: u8 flags, u8 gso_type, u16 hdr_len, u16 gso_size, u16 csum_start, u16 csum_offset; u16 num_buffers only with
 * VERSION_1 or MRG_RXBUF. 5.1.6
 */
export const VIRTIO_NET_HEADER_SIZE = 12;
export const VIRTIO_NET_LEGACY_HEADER_SIZE = 10;
export const VIRTIO_NET_HEADER = { num_buffers: 10 } as const;
