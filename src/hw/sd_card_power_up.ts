/** How an SD card and its host agree on voltage and capacity before the card is ready. [SD 6.0] 4.2.2 and 4.2.3 */
import { SD_IF_COND, SD_OCR } from '../specs/sd';

export class SdCardPowerUp {
  /** Set by a voltage that the card cannot live with; only power brings it back. */
  inactive = false;
  #requests = 0;
  #conditionAsked = false;

  constructor(
    readonly highCapacity: boolean,
    /** How many requests to initialise it takes. */
    readonly readyAfter: number,
  ) {}

  reset(): void {
    this.#requests = 0;
    this.#conditionAsked = false;
  }

  /** R7 of SEND_IF_COND; undefined, no response, for a voltage that the card does not have. */
  interfaceCondition(argument: number): number | undefined {
    const voltage = (argument >>> SD_IF_COND.VOLTAGE_SHIFT) & SD_IF_COND.VOLTAGE_MASK;
    if (voltage !== SD_IF_COND.VOLTAGE_27_36) return undefined;
    this.#conditionAsked = true;
    return argument & SD_IF_COND.ECHO_MASK;
  }

  /** OCR, the answer to SD_SEND_OP_COND; undefined when the card has gone inactive. No voltage is a question, any is a request. */
  operatingCondition(argument: number): number | undefined {
    if ((argument & SD_OCR.VOLTAGE_FIELD) === 0) return SD_OCR.VOLTAGES;
    this.inactive = (argument & SD_OCR.VOLTAGES) === 0;
    if (this.inactive) return undefined;
    this.#requests++;
    // A card of high capacity stays busy for a host that does not know such cards.
    const understood = !this.highCapacity || (this.#conditionAsked && (argument & SD_OCR.HCS) !== 0);
    if (this.#requests < this.readyAfter || !understood) return SD_OCR.VOLTAGES;
    return (SD_OCR.READY | (this.highCapacity ? SD_OCR.CCS : 0) | SD_OCR.VOLTAGES) >>> 0;
  }
}
