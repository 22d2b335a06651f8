// npm run pictures [-- --only models]: takes the README's pictures from the running product, into docs/pictures/.
import { installPackages, installPrograms, installVscodeServer, runOnProjectNode } from './setUp.mjs';

installPackages();
installVscodeServer();
installPrograms();
process.exitCode = runOnProjectNode('pictures/main.ts');
