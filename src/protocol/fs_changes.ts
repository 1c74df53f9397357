/** The file system's change counter: by itself, for the page needs nothing else of the protocol at its start. */

/**
 * In what is left of the completion queue's region behind the ring: u32, how often another client has changed what is on the disk. A
 * client that has seen no new number may believe what it read before. Ours; upstream has one client.
 */
export const FS_CHANGES_WORD = 0x7ffc >> 2;
