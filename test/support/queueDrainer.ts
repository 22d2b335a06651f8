import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { systemClock } from '../../src/base/clock.ts';
import { thisProcess } from '../../src/queue/leaseOwner.ts';
import { QueueRunner } from '../../src/queue/queueRunner.ts';
import { Store } from '../../src/store/store.ts';
import { storeOptions } from './testStore.ts';

/**
 * A process that drains the queue of a data dir: its jobs of kind `apply` do nothing for so many milliseconds. Writes
 * `begin ID` and `end ID`, a line each, as it happens.
 * Arguments: data dir, concurrency, milliseconds a job.
 */
const [dataDir = '', concurrency = '1', ms = '0'] = process.argv.slice(2);

const say = (line: string): void => void writeSync(1, `${line}\n`);
const never = (): Promise<never> => Promise.reject(new Error('not in this test'));
const store = await Store.open(storeOptions(dataDir));
const runner = new QueueRunner({
  jobs: store.jobs,
  leases: store.leases,
  queue: store.queue,
  handlers: {
    scan: never,
    hash: never,
    verify: never,
    trash: never,
    generate: never,
    async apply(_payload, { jobId, signal }) {
      say(`begin ${jobId}`);
      if (ms !== '0') await delay(Number(ms), undefined, { signal });
      say(`end ${jobId}`);
      return { done: 1, already: 0, skipped: 0, failed: 0, canceled: 0, bytes: 0, ms: 0 };
    },
  },
  clock: systemClock,
  owner: thisProcess('drainer'),
  role: 'command',
  soleEngine: true,
  settings: () => ({ concurrency: Number(concurrency), retryCount: 3 }),
  lacks: () => Promise.resolve(undefined),
  random: Math.random,
  onChange: () => undefined,
  onProgress: () => undefined,
  onError: (error) => say(`error ${error.message}`),
});
runner.start();
let version = store.dataVersion();
const look = setInterval(() => {
  if (store.dataVersion() !== version) runner.poke();
  version = store.dataVersion();
  const { queued, running } = store.jobs.counts();
  if (queued + running > 0) return;
  clearInterval(look);
  void runner.stop().then(() => store.close());
}, 200);
say('ready');
