import { nodeFileLayer } from './fileLayer.ts';
import { serveScan } from './scanThread.ts';

/** Entry of the threads of a scan. */

serveScan(nodeFileLayer);
