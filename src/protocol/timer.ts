/** Protected calls to a timer driver; au-ts/sddf include/sddf/timer/protocol.h. Times are nanoseconds since boot. */
export const SDDF_TIMER = {
  /** No words in; one word out: nanoseconds since boot. */
  GET_TIME: 0,
  /** One word in: relative nanoseconds. A notification on the same channel when they are over; one timeout per client. */
  SET_TIMEOUT: 1,
} as const;
