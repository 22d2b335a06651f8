// npm run test:desktop [-- --vscode oldest|current|1.101.0]: the extension-host tests in a downloaded desktop VS Code.
import { installPackages, runOnProjectNode } from './setUp.mjs';

installPackages();
process.exitCode = runOnProjectNode('desktop/main.ts');
