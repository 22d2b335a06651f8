// npm run build [-- --watch] [--production] [--target linux-x64]: bundles everything into dist/.
import { installPackages, runOnProjectNode } from './setUp.mjs';

installPackages();
process.exitCode = runOnProjectNode('build/main.ts');
