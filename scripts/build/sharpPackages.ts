import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { npmCommand } from '../setUp.mjs';
import { packagesDir, projectDir } from './paths.ts';
import { type Target, targets } from './targets.ts';

/** What of a package is needed to run; the licenses of all that is inside stand in the README. */
const SHIPPED =
  /^(package\.json|LICENSE|README\.md|versions\.json|index\.cjs|lib|lib\/[^/]+\.(node|dll|dylib|js|so[.\d]*))$/;

const lockSchema = z.object({ packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })) });

/**
 * Puts sharp's binary parts of the target into <outDir>/node_modules/@img/, where Node finds them from the bundle beside
 * it. sharp's own JavaScript is in the bundle.
 * @returns the packages' names
 */
export async function copySharpPackages(target: Target, outDir: string): Promise<string[]> {
  const packages = await sharpPackages(target);
  const isInstalled = [...packages.keys()].every((name) => existsSync(path.join(packagesDir, name)));
  const source = isInstalled ? packagesDir : await fetchPackages(target, packages);
  for (const name of packages.keys()) {
    const folder = path.join(source, name);
    await cp(folder, path.join(outDir, 'node_modules', name), {
      recursive: true,
      filter: (file) => {
        const relative = path.relative(folder, file).replaceAll('\\', '/');
        return relative === '' || SHIPPED.test(relative);
      },
    });
  }
  return [...packages.keys()];
}

type LockEntries = ReadonlyMap<string, Readonly<Record<string, unknown>>>;

/** The target's packages with what the lock file says of each: version and integrity. On Windows there is only one. */
async function sharpPackages(target: Target): Promise<LockEntries> {
  const { packages } = lockSchema.parse(JSON.parse(await readFile(path.join(projectDir, 'package-lock.json'), 'utf8')));
  const platform = targets[target];
  const entries = [`@img/sharp-${platform}`, `@img/sharp-libvips-${platform}`].flatMap((name) => {
    const entry = packages[`node_modules/${name}`];
    return entry === undefined ? [] : [[name, entry] as const];
  });
  if (entries.length === 0) throw new Error(`package-lock.json has no sharp for ${target}.`);
  return new Map(entries);
}

/**
 * Installs another platform's packages into a folder of their own, by the hashes of our lock file, once.
 * @returns the folder that holds `@img/`
 */
async function fetchPackages(target: Target, packages: LockEntries): Promise<string> {
  const versions = Object.fromEntries([...packages].map(([name, { version }]) => [name, version]));
  const version = Object.values(versions).join('+');
  const folder = path.join(packagesDir, '.cache', 'lakeside', `sharp-${target}-${version}`);
  const installed = path.join(folder, 'node_modules');
  if (existsSync(installed)) return installed;
  await mkdir(path.dirname(folder), { recursive: true });
  const fresh = await mkdtemp(`${folder}-`);
  try {
    await writeFile(path.join(fresh, 'package.json'), JSON.stringify({ private: true, dependencies: versions }));
    const entries = Object.fromEntries([...packages].map(([name, entry]) => [`node_modules/${name}`, required(entry)]));
    const lock = { lockfileVersion: 3, requires: true, packages: { '': { dependencies: versions }, ...entries } };
    await writeFile(path.join(fresh, 'package-lock.json'), JSON.stringify(lock));
    // `force`: they are of another platform, which is the point.
    const [program, args, shell] = npmCommand(['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund']);
    const { status, stderr, error } = spawnSync(program, args, { cwd: fresh, shell, encoding: 'utf8' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`npm could not fetch sharp for ${target}: ${stderr.trim()}`);
    await rename(fresh, folder);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return installed;
}

/** An optional package of a foreign platform is skipped in silence; one that is required is not. */
function required(entry: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { optional: _optional, dev: _dev, optionalDependencies: _libvips, ...rest } = entry;
  return rest;
}
