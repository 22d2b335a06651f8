// npm test [-- --only unit,host] [-- --grep text]: sets up whatever is missing, then runs every check there is.
import { installPackages, installPrograms, installVscodeServer, runOnProjectNode } from './setUp.mjs';

installPackages();
installVscodeServer();
installPrograms();
process.exitCode = runOnProjectNode('test/main.ts');
