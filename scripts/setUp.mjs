// Makes a fresh clone ready. Runs on Node 20 with nothing installed, so it uses Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectDir = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const serverDir = path.join(projectDir, 'test', 'host', 'server');
const vscodeDir = path.join(serverDir, 'node_modules', 'code-server', 'lib', 'vscode');

/** Node 24 as the lock file has it: VS Code's own version, and the one that runs TypeScript sources. */
export const projectNode = path.join(
  projectDir,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** Installs the packages of package-lock.json unless exactly these are installed. */
export function installPackages() {
  if (isInstalled(projectDir) && existsSync(projectNode)) return;
  timed('Installing the packages', () => {
    // Without install scripts: npm 10 would compile better-sqlite3, whose binaries lie in the package, and fail where
    // there is no compiler. What needs its script is named here.
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], projectDir);
    npm(['rebuild', 'node'], projectDir);
    if (!tryNpm(['rebuild', '@c4312/blake3-native'], projectDir)) {
      console.error(
        "BLAKE3's native part could not be compiled here; its WebAssembly part, which is slower, does its work.",
      );
    }
  });
}

/** Installs the VS Code server (590 MB) beside the host tests; without install scripts it needs no compiler. */
export function installVscodeServer() {
  if (isInstalled(serverDir) && existsSync(hiddenLock(vscodeDir))) return;
  timed('Installing the VS Code server', () => {
    npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], serverDir);
    npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], vscodeDir);
  });
}

/** Chromium's executable: the one of CHROME_PATH, of PATH, or where it is usually installed; undefined when absent. */
export function findChromium() {
  const named = process.env.CHROME_PATH;
  if (named !== undefined && existsSync(named)) return named;
  const onPath = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
  return onPath.map(findProgram).find((file) => file !== undefined) ?? usualBrowserFiles().find(existsSync);
}

function usualBrowserFiles() {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
      (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
    );
  }
  const folders = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
  const programs = ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'];
  return folders.filter(Boolean).flatMap((folder) => programs.map((program) => path.join(folder, program)));
}

/** Absolute path of a program on PATH, or undefined. */
export function findProgram(name) {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`, name] : [name];
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((file) => path.join(folder, file))).find((file) => existsSync(file));
}

/**
 * The programs that the tests need from the system. On Debian as root they are installed; elsewhere one sentence says
 * what is missing and how to get it, and the command ends with code 1.
 */
export function installPrograms(wanted = ['chromium', 'b3sum', 'rclone']) {
  const missing = () =>
    wanted.filter((program) => (program === 'chromium' ? findChromium() : findProgram(program)) === undefined);
  if (missing().length === 0) return;
  const isDebian = existsSync('/etc/debian_version') && findProgram('apt-get') !== undefined;
  if (isDebian && process.getuid?.() === 0) {
    timed(`Installing ${missing().join(' and ')}`, () => {
      const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      run('apt-get', ['update', '-q'], projectDir, environment);
      run('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...missing()], projectDir, environment);
    });
  }
  const absent = missing();
  if (absent.length > 0) fail(`Missing: ${absent.join(' and ')}. ${howToGet(absent, isDebian)}`);
}

function howToGet(programs, isDebian) {
  if (isDebian) return `Get them with: sudo apt-get install ${programs.join(' ')}`;
  if (process.platform === 'darwin') return `Get them with: brew install ${programs.join(' ')} (any Chrome will do)`;
  if (process.platform === 'win32')
    return 'Get them with: winget install Google.Chrome BLAKE3-team.b3sum Rclone.Rclone';
  return `Install ${programs.join(' and ')} with your package manager, or b3sum with: cargo install b3sum. CHROME_PATH may name a browser.`;
}

/**
 * Goes on with a script of this folder under the project's Node.
 * @returns its exit code
 */
export function runOnProjectNode(script, args = process.argv.slice(2)) {
  if (!existsSync(projectNode))
    fail(`Node 24 is missing at ${projectNode}. Remove node_modules and run the command again.`);
  const bin = path.join(projectDir, 'node_modules', '.bin');
  const environment = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}` };
  const file = path.join(projectDir, 'scripts', script);
  // Both get Ctrl-C from the terminal; the script ends in its own time and this process only waits for its code.
  process.on('SIGINT', () => {});
  const { status, error } = spawnSync(projectNode, [file, ...args], { stdio: 'inherit', env: environment });
  if (error) fail(`${script} could not be started: ${error.message}`);
  return status ?? 1;
}

/** npm ends an installation by writing what it installed; that is compared with what the lock file asks for. */
function isInstalled(folder) {
  if (!existsSync(hiddenLock(folder))) return false;
  const wanted = JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(hiddenLock(folder), 'utf8')).packages;
  return Object.entries(wanted).every(
    ([name, { version, optional, peer }]) =>
      name === '' || installed[name]?.version === version || (installed[name] === undefined && (optional || peer)),
  );
}

function hiddenLock(folder) {
  return path.join(folder, 'node_modules', '.package-lock.json');
}

function npm(args, folder) {
  const [program, given, shell] = npmCommand(args);
  run(program, given, folder, process.env, shell);
}

/** True when it ended well; its output is kept to itself. */
function tryNpm(args, folder) {
  const [program, given, shell] = npmCommand(args);
  return spawnSync(program, given, { cwd: folder, shell, stdio: 'ignore' }).status === 0;
}

/** npm started from an npm script names its own file there; `npm` alone would need a shell on Windows. */
export function npmCommand(args) {
  const own = process.env.npm_execpath;
  return own?.endsWith('.js') ? [process.execPath, [own, ...args], false] : ['npm', args, process.platform === 'win32'];
}

function run(program, args, folder, env = process.env, shell = false) {
  const { status, error } = spawnSync(program, args, { cwd: folder, env, shell, stdio: ['ignore', 2, 2] });
  if (error) fail(`${program} could not be started: ${error.message}`);
  if (status !== 0) fail(`${program} ${args[0]} failed in ${folder} with code ${status}; its output is above.`);
}

function timed(what, work) {
  const start = Date.now();
  console.error(`${what} …`);
  work();
  console.error(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
