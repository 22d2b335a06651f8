// npm run demo [-- --no-open] [-- --fresh] [-- --server]: everything from a fresh clone to VS Code with Lakeside on a demo library.
import { findProgram, installPackages, installVscodeServer, runOnProjectNode } from './setUp.mjs';

installPackages();
const args = process.argv.slice(2);
const code = args.includes('--server') ? undefined : findProgram('code');
if (code === undefined && !args.includes('--no-open')) installVscodeServer();
process.exitCode = runOnProjectNode('demo/main.ts', code === undefined ? args : [...args, '--code', code]);
