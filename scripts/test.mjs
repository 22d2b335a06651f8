// npm test [-- --only unit,host] [-- --grep text]: sets up what is missing and needed, then runs every check there is.
import { installPackages, installPrograms, installVscodeServer, runOnProjectNode } from './setUp.mjs';

const only = process.argv
  .slice(2)
  .join(' ')
  .match(/--only[= ](\S+)/)?.[1]
  ?.split(',');
const needsVscode = only === undefined || only.some((part) => part === 'host' || part === 'browser');

installPackages();
if (needsVscode) {
  installVscodeServer();
  installPrograms();
}
process.exitCode = runOnProjectNode('test/main.ts');
