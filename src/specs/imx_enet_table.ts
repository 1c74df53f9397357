/** The ENET's registers for looking at them; the numbers are those of imx_enet.ts. */
import {
  ENET,
  ENET_ACTIVE,
  ENET_ECR,
  ENET_EVENT,
  ENET_IC,
  ENET_MIB,
  ENET_MIBC,
  ENET_MSCR,
  ENET_RACC,
  ENET_RCR,
  ENET_TACC,
  ENET_TCR,
  ENET_TFWR,
} from './imx_enet';
import { type RegisterTable, registers } from './registers';

const ACTIVE = { ACTIVE: ENET_ACTIVE };
const COALESCING = { ICTT: ENET_IC.ICTT, ICFT: ENET_IC.ICFT << ENET_IC.ICFT_SHIFT, EN: ENET_IC.EN };

export const ENET_REGISTERS: RegisterTable = {
  name: 'ENET',
  size: 0x1000,
  registers: [
    ...registers(ENET, {
      EIR: { masks: ENET_EVENT },
      EIMR: { masks: ENET_EVENT },
      RDAR: { masks: ACTIVE },
      TDAR: { masks: ACTIVE },
      ECR: { masks: ENET_ECR },
      MMFR: {
        masks: { DATA: 0xffff, TA: 3 << 16, RA: 0x1f << 18, PA: 0x1f << 23, OP: 3 << 28, ST: 3 << 30 },
        valuesOf: { OP: { write: 1, read: 2 } },
      },
      MSCR: { masks: ENET_MSCR },
      MIBC: { masks: ENET_MIBC },
      RCR: {
        masks: {
          MII_MODE: ENET_RCR.MII_MODE,
          PROM: ENET_RCR.PROM,
          BC_REJ: ENET_RCR.BC_REJ,
          RGMII_EN: ENET_RCR.RGMII_EN,
          CRCFWD: ENET_RCR.CRCFWD,
          MAX_FL: ENET_RCR.MAX_FL << ENET_RCR.MAX_FL_SHIFT,
        },
      },
      TCR: { masks: ENET_TCR },
      PAUR: { masks: { TYPE: 0xffff, PADDR2: 0xffff_0000 } },
      TXIC0: { masks: COALESCING },
      RXIC0: { masks: COALESCING },
      TFWR: { masks: ENET_TFWR },
      TACC: { masks: ENET_TACC },
      RACC: { masks: ENET_RACC },
    }),
    ...registers(ENET_MIB, Object.fromEntries(Object.keys(ENET_MIB).map((name) => [name, { access: 'r' }]))),
  ],
};
