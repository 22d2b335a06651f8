// An I/O thread whose first call hangs, as one to a network drive that went away.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
