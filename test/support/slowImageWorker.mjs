// An image thread that answers nothing until its gate opens, and then what it was given, in order; 'crash' ends it.
import { parentPort, workerData } from 'node:worker_threads';

const gate = new Int32Array(workerData.gate);
const given = [];
parentPort.on('message', ({ id, input }) => {
  if (input.path === 'crash') process.exit(1);
  Atomics.wait(gate, 0, 0);
  given.push(input.path);
  parentPort.postMessage({ id, type: 'done', output: given.join(' ') });
});
