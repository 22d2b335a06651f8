import { randomUUID } from 'node:crypto';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

import type { Clock } from '../base/clock.ts';
import { errnoOf, fileError, LakesideError } from '../base/errors.ts';
import { measureMtimeStep } from '../base/mtimeStep.ts';
import { foldName, PRIVATE_FOLDER } from '../base/relpath.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { isNetworkPath } from './networkPath.ts';
import { isAbsoluteFolder, normalizeFolder, relatePaths, thisPlatform } from './pathRules.ts';
import { notAFolder, type RootPlace, uncHostNotAllowed } from './probeRoot.ts';
import { readRootMarker, storeOnlyRootId, writeRootMarker } from './rootMarker.ts';

export interface PrepareRootOptions {
  readonly name: string;
  /** Absolute path of the folder. */
  readonly path: string;
  /** Writes a new id over a marker that is damaged or that of another known root (a copied folder). */
  readonly newId?: boolean | undefined;
  /** Every other root that is known. */
  readonly existing: readonly RootPlace[];
  readonly clock: Clock;
}

export interface PreparedRoot {
  readonly id: string;
  readonly name: string;
  /** Normalized; links in it are kept as the person wrote them. */
  readonly path: string;
  /** `none`: a read-only folder that only this database knows. */
  readonly marker: 'written' | 'adopted' | 'none';
  readonly readOnly: boolean;
  /** Whether the system says it is a network drive. */
  readonly network: boolean;
  /** Coarsest step of a file time there; 2,000 where it could not be measured. */
  readonly mtimeStepMs: number;
  /** When the root was first made: the marker's time. Milliseconds since 1970. */
  readonly createdAt: number;
}

const UNKNOWN_STEP_MS = 2_000;

/**
 * Makes a folder ready to be a root: checks it, then writes its marker or adopts the one it has.
 * A read-only folder without a marker is taken all the same, as a source.
 * @throws LakesideError ROOT_NOT_ABSOLUTE, ROOT_NOT_FOUND, ROOT_NOT_A_FOLDER, ROOT_NAME_TAKEN, ROOT_ALREADY_ADDED,
 * ROOT_NESTED, ROOT_ID_TAKEN, ROOT_MARKER_DAMAGED, ROOT_EMPTY, UNC_HOST_NOT_ALLOWED, or what the system said
 */
export function prepareRoot(options: PrepareRootOptions): PreparedRoot {
  const path = checkedFolder(options.path);
  checkAgainstOthers(options.name, path, options.existing);
  const common = { name: options.name, path, network: isNetworkPath(path) };
  const adopted = adoptableMarker(path, options);
  if (adopted !== undefined) {
    const mtimeStepMs = tryMeasure(path);
    return {
      ...common,
      id: adopted.id,
      marker: 'adopted',
      readOnly: mtimeStepMs === undefined,
      mtimeStepMs: mtimeStepMs ?? UNKNOWN_STEP_MS,
      createdAt: adopted.created,
    };
  }
  const createdAt = options.clock.now();
  const id = randomUUID();
  try {
    writeRootMarker(path, { id, name: options.name, created: createdAt });
  } catch (error) {
    if (!isReadOnlyError(error) || hasMarkerFile(path)) throw error;
    requireContent(path);
    return {
      ...common,
      id: storeOnlyRootId(id),
      marker: 'none',
      readOnly: true,
      mtimeStepMs: UNKNOWN_STEP_MS,
      createdAt,
    };
  }
  const mtimeStepMs = tryMeasure(path) ?? UNKNOWN_STEP_MS;
  return { ...common, id, marker: 'written', readOnly: false, mtimeStepMs, createdAt };
}

/** Measures the time step of a root's file system, inside its own `.lakeside/`. Throws when it cannot be written. */
function measureRootMtimeStep(rootPath: string): number {
  return measureMtimeStep(join(rootPath, PRIVATE_FOLDER));
}

function tryMeasure(path: string): number | undefined {
  try {
    return measureRootMtimeStep(path);
  } catch {
    // A read-only root: its time step stays unknown, and the coarsest is assumed.
    return undefined;
  }
}

function checkedFolder(given: string): string {
  const platform = thisPlatform();
  if (!isAbsoluteFolder(given, platform)) {
    throw new LakesideError(
      'ROOT_NOT_ABSOLUTE',
      'validation',
      `${given} is not an absolute path. Give the whole path of the folder.`,
      { context: { path: given } },
    );
  }
  const path = normalizeFolder(given, platform);
  try {
    if (!statSync(path).isDirectory()) throw notAFolder(path);
    // Readable at all? A folder that cannot be listed would look like an empty one.
    readdirSync(path);
    return path;
  } catch (error) {
    if (errnoOf(error) === 'ERR_UNC_HOST_NOT_ALLOWED') throw uncHostNotAllowed(path, error);
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENOTDIR') throw fileError('read', path, error);
    throw new LakesideError(
      'ROOT_NOT_FOUND',
      'validation',
      `The folder ${path} is not there. Check the path, or connect its drive.`,
      { context: { path }, cause: error },
    );
  }
}

function checkAgainstOthers(name: string, path: string, existing: readonly RootPlace[]): void {
  const real = realPath(path);
  for (const other of existing) {
    if (foldName(other.name) === foldName(name)) {
      throw new LakesideError(
        'ROOT_NAME_TAKEN',
        'validation',
        `There is already a root "${rootTitle(other.name)}" (${other.path}). Choose another name, or remove that root first.`,
        { context: { root: other.name, path: other.path } },
      );
    }
    const relation = relatePaths(real, realPath(other.path), thisPlatform());
    if (relation === 'apart') continue;
    if (relation === 'same') {
      throw new LakesideError(
        'ROOT_ALREADY_ADDED',
        'validation',
        `${path} is already the root "${rootTitle(other.name)}". Choose another folder, or remove that root first.`,
        { context: { root: other.name, path } },
      );
    }
    throw new LakesideError(
      'ROOT_NESTED',
      'validation',
      `${path} lies ${relation} the root "${rootTitle(other.name)}" (${other.path}). Roots may not lie in each other: choose another folder.`,
      { context: { root: other.name, path } },
    );
  }
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    // Not mounted now: its path as it was given is all that is known.
    return path;
  }
}

function adoptableMarker(path: string, options: PrepareRootOptions): { id: string; created: number } | undefined {
  let marker: ReturnType<typeof readRootMarker>;
  try {
    marker = readRootMarker(path);
  } catch (error) {
    if (options.newId === true && error instanceof LakesideError && error.code === 'ROOT_MARKER_DAMAGED') {
      return undefined;
    }
    throw error;
  }
  if (marker === undefined) return undefined;
  const owner = options.existing.find((root) => root.id === marker.id);
  if (owner === undefined) return marker;
  if (options.newId === true) return undefined;
  throw new LakesideError(
    'ROOT_ID_TAKEN',
    'validation',
    `${path} carries the marker of the root "${rootTitle(owner.name)}" (${owner.path}). If it is a copy of that folder, add it with a new id; if the folder was moved, change where that root lies.`,
    { context: { root: owner.name, path, id: marker.id } },
  );
}

function isReadOnlyError(error: unknown): boolean {
  return error instanceof LakesideError && ['EROFS', 'EACCES', 'EPERM'].includes(error.code);
}

function hasMarkerFile(path: string): boolean {
  try {
    return readRootMarker(path) !== undefined;
  } catch {
    // Damaged, so there is one.
    return true;
  }
}

/** Without a marker only its content tells a mounted drive from an empty mount point. */
function requireContent(path: string): void {
  if (readdirSync(path).length > 0) return;
  throw new LakesideError(
    'ROOT_EMPTY',
    'validation',
    `${path} is empty and cannot be written, so it cannot be a root. Connect its drive, or change its rights.`,
    { context: { path } },
  );
}
