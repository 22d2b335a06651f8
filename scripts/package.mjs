// npm run package [-- --target linux-x64] [-- --all] [-- --out folder]: one VSIX for each platform.
import { installPackages, runOnProjectNode } from './setUp.mjs';

installPackages();
process.exitCode = runOnProjectNode('package/main.ts');
