/** What a worker does for those who look on, when the domain or its device has settled. */
import type { PolledDevice, ProtectionDomain } from './pd';

/** The same domain; `look` is called whenever it has done something. */
export function afterwards(pd: ProtectionDomain, look: () => void): ProtectionDomain {
  const then = <T>(result: T): T => {
    look();
    return result;
  };
  return {
    init: () => then(pd.init?.()),
    notified: (ch) => then(pd.notified(ch)),
    ...(pd.protected ? { protected: (ch, message) => then(pd.protected!(ch, message)) } : {}),
    ...(pd.control ? { control: pd.control } : {}),
    ...(pd.faults ? { faults: pd.faults } : {}),
  };
}

/** The same device; `look` is called whenever it was polled. */
export function afterPolls(device: PolledDevice, look: () => void): PolledDevice {
  return {
    poll() {
      device.poll();
      look();
    },
    get deadlineNs() {
      return device.deadlineNs;
    },
  } as PolledDevice;
}
