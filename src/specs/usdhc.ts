/** [i.MX8MDQLQRM] i.MX 8M Dual/8M QuadLite/8M Quad Applications Processors Reference Manual, chapter uSDHC. Numbers only. */
import { type RegisterTable, registers } from './registers';

/** Register offsets. */
export const USDHC = {
  DS_ADDR: 0x00,
  BLK_ATT: 0x04,
  CMD_ARG: 0x08,
  CMD_XFR_TYP: 0x0c,
  CMD_RSP0: 0x10,
  CMD_RSP1: 0x14,
  CMD_RSP2: 0x18,
  CMD_RSP3: 0x1c,
  DATA_BUFF_ACC_PORT: 0x20,
  PRES_STATE: 0x24,
  PROT_CTRL: 0x28,
  SYS_CTRL: 0x2c,
  INT_STATUS: 0x30,
  INT_STATUS_EN: 0x34,
  INT_SIGNAL_EN: 0x38,
  AUTOCMD12_ERR_STATUS: 0x3c,
  HOST_CTRL_CAP: 0x40,
  WTMK_LVL: 0x44,
  MIX_CTRL: 0x48,
  FORCE_EVENT: 0x50,
  ADMA_ERR: 0x54,
  ADMA_SYS_ADDR: 0x58,
  DLL_CTRL: 0x60,
  DLL_STATUS: 0x64,
  CLK_TUNE_CTRL_STATUS: 0x68,
  STROBE_DLL_CTRL: 0x70,
  STROBE_DLL_STATUS: 0x74,
  VEND_SPEC: 0xc0,
  MMC_BOOT: 0xc4,
  VEND_SPEC2: 0xc8,
  TUNING_CTRL: 0xcc,
} as const;

/** Length of the register file in bytes. */
export const USDHC_SIZE = 0x100;

/** BLK_ATT: bytes of a block in [12:0], blocks in [31:16]. */
export const USDHC_BLK_ATT = { BLKSIZE_MASK: 0x1fff, BLKCNT_SHIFT: 16 } as const;

/** CMD_XFR_TYP: writing it sends the command. */
export const USDHC_XFR = {
  CMDINX_SHIFT: 24,
  CMDINX_MASK: 0x3f,
  CMDTYP_ABORT: 3 << 22,
  DPSEL: 1 << 21,
  CICEN: 1 << 20,
  CCCEN: 1 << 19,
  RSPTYP_SHIFT: 16,
  RSPTYP_MASK: 3,
} as const;

/** Values of RSPTYP. */
export const USDHC_RSPTYP = { NONE: 0, BITS_136: 1, BITS_48: 2, BITS_48_BUSY: 3 } as const;

/** PRES_STATE. */
export const USDHC_PRES = {
  CIHB: 1 << 0,
  CDIHB: 1 << 1,
  DLA: 1 << 2,
  SDSTB: 1 << 3,
  CINST: 1 << 16,
  /** 1 is write enabled. */
  WPSPL: 1 << 19,
  CLSL: 1 << 23,
  /** The four data lines of a card slot, DAT0 first. */
  DLSL: 0xf << 24,
} as const;

/** PROT_CTRL. */
export const USDHC_PROT = {
  DTW_SHIFT: 1,
  DTW_MASK: 3,
  EMODE_LITTLE: 2 << 4,
  DMASEL_SHIFT: 8,
  DMASEL_MASK: 3,
} as const;

/** Values of DTW. */
export const USDHC_DTW = { BITS_1: 0, BITS_4: 1, BITS_8: 2 } as const;
/** Values of DMASEL. */
export const USDHC_DMASEL = { SIMPLE: 0, ADMA1: 1, ADMA2: 2 } as const;

/** SYS_CTRL. */
export const USDHC_SYS = {
  DVS_SHIFT: 4,
  SDCLKFS_SHIFT: 8,
  DTOCV_SHIFT: 16,
  RSTA: 1 << 24,
  RSTC: 1 << 25,
  RSTD: 1 << 26,
  INITA: 1 << 27,
  RSTT: 1 << 28,
} as const;

/** Bits of INT_STATUS, INT_STATUS_EN, INT_SIGNAL_EN and, from 16 on, FORCE_EVENT. */
export const USDHC_INT = {
  CC: 1 << 0,
  TC: 1 << 1,
  BGE: 1 << 2,
  DINT: 1 << 3,
  BWR: 1 << 4,
  BRR: 1 << 5,
  CINS: 1 << 6,
  CRM: 1 << 7,
  CINT: 1 << 8,
  CTOE: 1 << 16,
  CCE: 1 << 17,
  CEBE: 1 << 18,
  CIE: 1 << 19,
  DTOE: 1 << 20,
  DCE: 1 << 21,
  DEBE: 1 << 22,
  AC12E: 1 << 24,
  DMAE: 1 << 28,
  ALL: 0x117f01ff,
  ERRORS: 0x117f0000,
} as const;

/** AUTOCMD12_ERR_STATUS, and the low bits of FORCE_EVENT. */
export const USDHC_AC12 = { NOT_EXECUTED: 1 << 0, TIMEOUT: 1 << 1, ALL: 0x9f } as const;

/** MIX_CTRL. DTDSEL 1 is a read. */
export const USDHC_MIX = {
  DMAEN: 1 << 0,
  BCEN: 1 << 1,
  AC12EN: 1 << 2,
  DTDSEL: 1 << 4,
  MSBSEL: 1 << 5,
} as const;

/** VEND_SPEC. */
export const USDHC_VEND_SPEC = { FRC_SDCLK_ON: 1 << 8 } as const;

/** HOST_CTRL_CAP. */
export const USDHC_CAP = { DMAS: 1 << 22, VS33: 1 << 24 } as const;

/** ADMA2 descriptor: attributes in the low half of the first word, length in the high half (0 is 64 KiB), then the address. */
export const USDHC_ADMA2 = {
  SIZE: 8,
  VALID: 1 << 0,
  END: 1 << 1,
  INT: 1 << 2,
  ACT_MASK: 3 << 4,
  ACT_TRAN: 2 << 4,
  ACT_LINK: 3 << 4,
  LENGTH_SHIFT: 16,
} as const;

/** ADMA_ERR: the state in which it stopped, and why. */
export const USDHC_ADMA_ERR = {
  STATE_FETCH: 1,
  STATE_TRANSFER: 3,
  LENGTH_MISMATCH: 1 << 2,
  DESCRIPTOR: 1 << 3,
} as const;

/** Reset values that are not zero, by offset. */
export const USDHC_RESET: readonly (readonly [offset: number, value: number])[] = [
  [USDHC.BLK_ATT, 0x0001_0000],
  [USDHC.PROT_CTRL, 0x0880_0020],
  [USDHC.SYS_CTRL, 0x0080_800f],
  [USDHC.HOST_CTRL_CAP, 0x07f3_b407],
  [USDHC.WTMK_LVL, 0x0810_0810],
  [USDHC.MIX_CTRL, 0x8000_0000],
  [USDHC.VEND_SPEC, 0x2000_7809],
  [USDHC.VEND_SPEC2, 0x0000_1006],
  [USDHC.TUNING_CTRL, 0x0021_2800],
];

/** Those of USDHC_INT that are one bit. */
const USDHC_EVENTS = Object.fromEntries(Object.entries(USDHC_INT).filter(([, mask]) => (mask & (mask - 1)) === 0));

export const USDHC_REGISTERS: RegisterTable = {
  name: 'uSDHC',
  size: USDHC_SIZE,
  registers: registers(USDHC, {
    BLK_ATT: { masks: { BLKSIZE: 0x1fff, BLKCNT: 0xffff_0000 } },
    CMD_XFR_TYP: {
      masks: { RSPTYP: 3 << 16, CCCEN: 1 << 19, CICEN: 1 << 20, DPSEL: 1 << 21, CMDTYP: 3 << 22, CMDINX: 0x3f << 24 },
      valuesOf: { RSPTYP: USDHC_RSPTYP },
    },
    CMD_RSP0: { access: 'r' },
    CMD_RSP1: { access: 'r' },
    CMD_RSP2: { access: 'r' },
    CMD_RSP3: { access: 'r' },
    DATA_BUFF_ACC_PORT: { access: 'data' },
    PRES_STATE: { access: 'r', masks: USDHC_PRES },
    PROT_CTRL: {
      masks: { DTW: 3 << 1, EMODE: 3 << 4, DMASEL: 3 << 8 },
      valuesOf: { DTW: USDHC_DTW, DMASEL: USDHC_DMASEL, EMODE: { little: 2 } },
    },
    SYS_CTRL: {
      masks: {
        DVS: 0xf << 4,
        SDCLKFS: 0xff << 8,
        DTOCV: 0xf << 16,
        RSTA: USDHC_SYS.RSTA,
        RSTC: USDHC_SYS.RSTC,
        RSTD: USDHC_SYS.RSTD,
        INITA: USDHC_SYS.INITA,
      },
    },
    INT_STATUS: { masks: USDHC_EVENTS },
    INT_STATUS_EN: { masks: USDHC_EVENTS },
    INT_SIGNAL_EN: { masks: USDHC_EVENTS },
    AUTOCMD12_ERR_STATUS: {
      access: 'r',
      masks: { NOT_EXECUTED: USDHC_AC12.NOT_EXECUTED, TIMEOUT: USDHC_AC12.TIMEOUT },
    },
    HOST_CTRL_CAP: { access: 'r', masks: USDHC_CAP },
    MIX_CTRL: { masks: USDHC_MIX },
    FORCE_EVENT: { access: 'w' },
    ADMA_ERR: {
      access: 'r',
      masks: { STATE: 3, LENGTH_MISMATCH: USDHC_ADMA_ERR.LENGTH_MISMATCH, DESCRIPTOR: USDHC_ADMA_ERR.DESCRIPTOR },
    },
    DLL_STATUS: { access: 'r' },
    STROBE_DLL_STATUS: { access: 'r' },
    VEND_SPEC: { masks: USDHC_VEND_SPEC },
  }),
};
