import { workerData } from 'node:worker_threads';

import { nodeFileLayer } from '../../src/library/fileLayer.ts';
import { serveScan } from '../../src/library/scanThread.ts';
import { SLOW } from './slow.ts';

const shared: Int32Array<SharedArrayBuffer> = workerData as Int32Array<SharedArrayBuffer>;

/** A call over a network: it takes its time, whatever the processor does. */
function late<T>(call: () => T): T {
  const inFlight = Atomics.add(shared, SLOW.inFlight, 1) + 1;
  for (let most = Atomics.load(shared, SLOW.most); most < inFlight; most = Atomics.load(shared, SLOW.most))
    Atomics.compareExchange(shared, SLOW.most, most, inFlight);
  if (Atomics.load(shared, SLOW.hangs) === 1) Atomics.add(shared, SLOW.hung, 1);
  while (Atomics.load(shared, SLOW.hangs) === 1) Atomics.wait(shared, SLOW.hangs, 1);
  Atomics.wait(shared, SLOW.latencyMs, Atomics.load(shared, SLOW.latencyMs), Atomics.load(shared, SLOW.latencyMs));
  Atomics.sub(shared, SLOW.inFlight, 1);
  return call();
}

serveScan({
  list: (path) => late(() => nodeFileLayer.list(path)),
  stat: (path) => late(() => nodeFileLayer.stat(path)),
  realPath: (path) => nodeFileLayer.realPath(path),
});
