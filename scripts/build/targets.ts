import { existsSync } from 'node:fs';

/** VS Code's names of the platforms that get a VSIX, with the name of better-sqlite3's prebuilt binary for each. */
export const targets = {
  'win32-x64': 'win32-x64',
  'win32-arm64': 'win32-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'alpine-x64': 'linuxmusl-x64',
  'alpine-arm64': 'linuxmusl-arm64',
} as const;

export type Target = keyof typeof targets;

/** @throws Error in a sentence when the name is none of `targets` */
export function parseTarget(name: string): Target {
  const target = targetNames().find((each) => each === name);
  if (target === undefined) throw new Error(`There is no target ${name}; choose one of ${targetNames().join(', ')}.`);
  return target;
}

/** The target of this machine. */
export function currentTarget(): Target {
  const isAlpine = process.platform === 'linux' && existsSync('/etc/alpine-release');
  return parseTarget(`${isAlpine ? 'alpine' : process.platform}-${process.arch}`);
}

export function targetNames(): Target[] {
  return Object.keys(targets).filter((name): name is Target => name in targets);
}
