import { parseArgs } from 'node:util';
import { buildAll, watchAll } from './buildAll.ts';
import { distDir } from './paths.ts';
import { currentTarget, parseTarget } from './targets.ts';

const { values } = parseArgs({
  options: { watch: { type: 'boolean' }, production: { type: 'boolean' }, target: { type: 'string' } },
});

try {
  const target = values.target === undefined ? currentTarget() : parseTarget(values.target);
  const build = values.watch ? watchAll : buildAll;
  await build({ production: values.production ?? false, target, outDir: distDir });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
