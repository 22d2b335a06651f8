import path from 'node:path';
import { parseArgs } from 'node:util';
import { projectDir } from '../build/paths.ts';
import { currentTarget, parseTarget, targetNames } from '../build/targets.ts';
import { packageVsix } from './packageVsix.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    all: { type: 'boolean' },
    out: { type: 'string', default: 'dist-vsix' },
  },
});

try {
  const targets = values.all ? targetNames() : (values.target?.map(parseTarget) ?? [currentTarget()]);
  for (const target of targets) {
    const { file, bytes } = await packageVsix(target, path.resolve(projectDir, values.out));
    console.log(`${path.relative(projectDir, file)}: ${(bytes / 1e6).toFixed(1)} MB`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
