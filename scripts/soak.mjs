// npm run soak [-- --grep TEXT]: what takes too long for npm test. SEED=n repeats a run; the seed is printed.
import { installPackages, installPrograms, runOnProjectNode } from './setUp.mjs';

installPackages();
installPrograms(['b3sum']);
process.exitCode = runOnProjectNode('../node_modules/mocha/bin/mocha.js', [
  'test/soak/**/*.test.ts',
  ...process.argv.slice(2),
]);
