// A thread that offers its help to a scan, and ends when it gets something to do.
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ port, control, room }) => {
  port.on('message', () => process.exit(1));
  Atomics.store(control, room, 1);
  parentPort.postMessage({ type: 'offered' });
});
