// node planAtSize.ts DATA_DIR PLAN: what the Plan panel and the tree ask for, of a plan with a step for each file.
import path from 'node:path';

import { createEngine } from '../../src/engine.ts';

const [dataDir, file] = process.argv.slice(2);
if (dataDir === undefined || file === undefined) throw new Error('Name a data dir and a plan.');
const engine = await createEngine({ dataDir, version: '0', runQueue: false, watch: false });

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  if (process.env.VERBOSE !== undefined) {
    const mebibytes = Math.round(process.memoryUsage.rss() / 1024 ** 2);
    console.error(`  ${what}: ${Math.round(performance.now() - start)} ms, ${mebibytes} MiB`);
  }
  return result;
}

const { plan, header } = await timed('open', () => engine.call('plans.open', { path: file }));
const steps = header.summary.copy.count;
await timed('first page', () => engine.call('plans.page', { plan, offset: 0, limit: 100 }));
await timed('last page', () => engine.call('plans.page', { plan, offset: steps - 100, limit: 100 }));
await timed('by size', () =>
  engine.call('plans.page', { plan, offset: 0, limit: 100, sort: 'size', descending: true }),
);
await timed('text', () => engine.call('plans.page', { plan, offset: 0, limit: 100, filter: { text: 'model 99' } }));
await timed('untick a part', () =>
  engine.call('plans.tick', { plan, ticked: false, filter: { text: '7.safetensors' } }),
);
await timed('info', () => engine.call('plans.info', { plan }));
await timed('save', () =>
  engine.call('plans.save', { plan, path: path.join(path.dirname(file), 'part.lakeplan.json') }),
);
await timed('untick all', () => engine.call('plans.tick', { plan, ticked: false }));
await timed('tree', () =>
  engine.call('library.folder', { root: 'local', folder: '', compareTo: 'lake', absent: true, offset: 0, limit: 200 }),
);
await engine.close();
