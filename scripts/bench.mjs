// npm run bench [-- --quick] [-- --only scan,diff]: measures the production build beside public tools; docs/bench.md
// says what and how.
import { installPackages, installVscodeServer, runOnProjectNode } from './setUp.mjs';

installPackages();
const only = process.argv
  .slice(2)
  .join(' ')
  .match(/--only[= ](\S+)/)?.[1]
  ?.split(',');
if (only === undefined || only.includes('host')) installVscodeServer();
process.exitCode = runOnProjectNode('../test/bench/main.ts');
