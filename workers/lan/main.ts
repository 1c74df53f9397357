import { start } from '../../src/libmicrokit/start';
import { program } from './pd';

start(program);
