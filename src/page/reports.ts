/**
 * What the monitor and components report beside the serial clients: whole lines on the debug console. They share the UART with the clients
 * and may fall into the middle of a client's batch, as on the board; a script that reads a client's answer has to take them out.
 */
/** What the monitor says of a virtual machine begins on a new line of its own. */
const REPORT =
  /\r\nMON\|(?:INFO: virtual machine|ERROR: )[^\r\n]*\r\n|(?:MON|BLK_VIRT|fs_driver_vmm|micropython|TIMER DRIVER)\|(?:INFO|ERROR|LOG): [^\r\n]*\r\n/g;

export function reportsIn(text: string): string {
  return (text.match(REPORT) ?? []).join('');
}

/** A report that is not complete yet stays: its end is still to come. */
export function withoutReports(text: string): string {
  return text.replace(REPORT, '');
}
