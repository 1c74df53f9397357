/** Results of the stack's calls: what is wanted, or the name of an error. */
import type { NetError } from '../../src/net/errors';

export const isError = <T>(result: T | NetError): result is NetError & string => typeof result === 'string';
