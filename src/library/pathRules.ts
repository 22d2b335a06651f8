import { posix, win32 } from 'node:path';

import { foldName } from '../base/relpath.ts';

/** Rules for absolute paths of folders, pure, for both kinds of path on any machine. */

export type PathPlatform = 'windows' | 'macos' | 'linux';

export function thisPlatform(): PathPlatform {
  if (process.platform === 'win32') return 'windows';
  return process.platform === 'darwin' ? 'macos' : 'linux';
}

/** How one folder lies to another: `inside` means the first lies below the second. */
export type PathRelation = 'same' | 'inside' | 'around' | 'apart';

/** Windows needs a drive or a share: `\models` and `C:models` depend on where a program stands. */
export function isAbsoluteFolder(path: string, platform: PathPlatform): boolean {
  if (platform !== 'windows') return posix.isAbsolute(path);
  return /^[a-z]:[\\/]/i.test(path) || isUncPath(path) || /^[\\/]{2}[?.][\\/]/.test(path);
}

/** Without `.`, `..`, doubled or trailing separators; `\` on Windows. */
export function normalizeFolder(path: string, platform: PathPlatform): string {
  if (platform !== 'windows') {
    const normal = posix.normalize(path);
    return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  }
  const normal = win32.normalize(path);
  return normal.length > win32.parse(normal).root.length ? normal.replace(/\\+$/, '') : normal;
}

/** Compares normalized absolute folders. Windows and macOS keep names that differ in case or Unicode form as one. */
export function relatePaths(left: string, right: string, platform: PathPlatform): PathRelation {
  const a = comparable(left, platform);
  const b = comparable(right, platform);
  if (a === b) return 'same';
  if (a.startsWith(b)) return 'inside';
  return b.startsWith(a) ? 'around' : 'apart';
}

/** Ends in a separator, so that `/models2` does not begin with `/models`. */
function comparable(path: string, platform: PathPlatform): string {
  const normal = normalizeFolder(path, platform);
  const separator = platform === 'windows' ? '\\' : '/';
  const ended = normal.endsWith(separator) ? normal : normal + separator;
  if (platform === 'linux') return ended;
  return foldName(ended.replace(/^\\\\\?\\UNC\\/i, '\\\\').replace(/^\\\\\?\\/, ''));
}

/** `\\server\share`, `//server/share` and `\\?\UNC\server\share`; not the device paths `\\?\C:\` and `\\.\`. */
export function isUncPath(path: string): boolean {
  return /^[\\/]{2}\?[\\/]UNC[\\/]/i.test(path) || /^[\\/]{2}[^\\/?.][^\\/]*[\\/]+[^\\/]/.test(path);
}

export interface Mount {
  readonly mountPoint: string;
  readonly type: string;
}

/** Mounts of Linux's `/proc/self/mountinfo`, in its order; see proc_pid_mountinfo(5). */
export function parseMountInfo(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ', 2);
    const mountPoint = before.split(' ')[4];
    const type = after?.split(' ')[0];
    if (mountPoint === undefined || type === undefined) return [];
    return [{ mountPoint: mountPoint.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => octalCharacter(octal)), type }];
  });
}

function octalCharacter(octal: string): string {
  return String.fromCharCode(Number.parseInt(octal, 8));
}

/** The mount a POSIX path lies on: the longest mount point above it; of several at one point, the last. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let found: Mount | undefined;
  for (const mount of mounts) {
    const relation = relatePaths(path, mount.mountPoint, 'linux');
    if (relation !== 'same' && relation !== 'inside') continue;
    if (found === undefined || mount.mountPoint.length >= found.mountPoint.length) found = mount;
  }
  return found;
}

const NETWORK_FILE_SYSTEM =
  /^(nfs\d*|cifs|smb\d*|smbfs|9p|afs|ceph|coda|ncpfs|lustre|beegfs|gfs2|glusterfs|davfs|fuse\.(sshfs|rclone|glusterfs|ceph|davfs2?|s3fs|gcsfuse|gvfsd-fuse|smbnetfs|juicefs|goofys))$/i;

/** Whether a mount is a network drive. What `/` itself lies on is the machine's own, whatever its type. */
export function isNetworkMount(mount: Mount): boolean {
  return mount.mountPoint !== '/' && NETWORK_FILE_SYSTEM.test(mount.type);
}

/** The path of a file or folder of a root. `/` serves on Windows too. */
export function absolutePath(rootPath: string, relpath: string): string {
  if (relpath === '') return rootPath;
  return rootPath.endsWith('/') ? rootPath + relpath : `${rootPath}/${relpath}`;
}
