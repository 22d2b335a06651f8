import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { type Clock, systemClock } from '../base/clock.ts';
import { errnoOf, fileError, LakesideError, toLakesideError } from '../base/errors.ts';
import { PRIVATE_FOLDER } from '../base/relpath.ts';
import { rootTitle } from '../base/rootTitle.ts';
import { readSmallText } from '../base/smallText.ts';
import { isStoreOnlyRoot, MOST_MARKER_BYTES, parseRootMarker, rootMarkerFile } from './rootMarker.ts';

export type RootProbe =
  { readonly mounted: true; readonly readOnly: boolean } | { readonly mounted: false; readonly problem: LakesideError };

export interface RootPlace {
  readonly id: string;
  readonly name: string;
  readonly path: string;
}

/** A dead network drive can keep a call waiting for minutes. */
const PROBE_TIMEOUT_MS = 10_000;
/** A call that hangs keeps a thread of Node's pool; a second one for the same folder would take the next. */
const pending = new Map<string, { readonly since: number; readonly probe: Promise<RootProbe> }>();

/**
 * Whether the folder of a root is there and is the one that is meant: it carries the marker with the root's id.
 * A root without a marker (read-only when added) counts as mounted while it is a folder that is not empty, since a mount
 * point with nothing mounted is an empty folder. Answers within ten seconds of the first time it was asked; never throws.
 */
export async function probeRoot(root: RootPlace, clock: Clock = systemClock): Promise<RootProbe> {
  const key = `${root.id}\0${root.path}`;
  const asked = pending.get(key) ?? {
    since: clock.now(),
    probe: askFileSystem(root).finally(() => pending.delete(key)),
  };
  pending.set(key, asked);
  const late = Promise.withResolvers<RootProbe>();
  const timer = clock.after(Math.max(0, asked.since + PROBE_TIMEOUT_MS - clock.now()), () =>
    late.resolve({
      mounted: false,
      problem: notMounted(
        root,
        `did not answer within ${PROBE_TIMEOUT_MS / 1_000} seconds. Check its drive or network`,
      ),
    }),
  );
  try {
    return await Promise.race([asked.probe, late.promise]);
  } finally {
    timer.dispose();
  }
}

/** Throws what `probeRoot` finds wrong, as something to retry: the drive may come back. */
export async function requireMounted(root: RootPlace, clock: Clock = systemClock): Promise<{ readOnly: boolean }> {
  const probe = await probeRoot(root, clock);
  if (probe.mounted) return { readOnly: probe.readOnly };
  throw probe.problem;
}

/** ROOT_NOT_MOUNTED: the folder of a root is away. `what` ends the sentence that begins with the folder. */
export function notMounted(root: RootPlace, what: string, cause?: unknown): LakesideError {
  return new LakesideError(
    'ROOT_NOT_MOUNTED',
    'infra',
    `The root "${rootTitle(root.name)}" is not mounted: the folder ${root.path} ${what}.`,
    { context: { root: root.name, path: root.path }, retryable: true, cause },
  );
}

async function askFileSystem(root: RootPlace): Promise<RootProbe> {
  try {
    const info = await stat(root.path);
    if (!info.isDirectory()) return { mounted: false, problem: notMounted(root, 'is a file') };
    const text = await readSmallText(rootMarkerFile(root.path), MOST_MARKER_BYTES);
    if (isStoreOnlyRoot(root.id)) return await probeStoreOnly(root, text !== undefined);
    if (text === undefined) return { mounted: false, problem: markerMissing(root) };
    const marker = parseRootMarker(root.path, text);
    if (marker.id !== root.id) return { mounted: false, problem: markerOfOther(root, marker.name) };
    return { mounted: true, readOnly: !(await isWritable(root.path)) };
  } catch (error) {
    return { mounted: false, problem: unreachable(root, error) };
  }
}

async function probeStoreOnly(root: RootPlace, hasMarker: boolean): Promise<RootProbe> {
  if (hasMarker) return { mounted: false, problem: markerOfOther(root, undefined) };
  const entries = await readdir(root.path);
  if (entries.length > 0) return { mounted: true, readOnly: true };
  return { mounted: false, problem: notMounted(root, 'is empty. Connect its drive') };
}

async function isWritable(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    await access(join(path, PRIVATE_FOLDER), constants.W_OK);
    return true;
  } catch {
    // Whatever the reason, it cannot be written now.
    return false;
  }
}

export function notAFolder(path: string): LakesideError {
  return new LakesideError(
    'ROOT_NOT_A_FOLDER',
    'validation',
    `${path} is a file. Choose the folder that holds the models.`,
    {
      context: { path },
    },
  );
}

/** What keeps a folder from being read at all. */
function unreachable(root: RootPlace, error: unknown): LakesideError {
  if (error instanceof LakesideError) return error;
  switch (errnoOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return notMounted(root, 'is not there. Connect its drive, or change where the root lies', error);
    case 'ERR_UNC_HOST_NOT_ALLOWED':
      return uncHostNotAllowed(root.path, error);
    default: {
      const reason = toLakesideError(fileError('read', root.path, error));
      return new LakesideError(
        'ROOT_NOT_MOUNTED',
        'infra',
        `The root "${rootTitle(root.name)}" is not mounted. ${reason.message}`,
        {
          context: { root: root.name, path: root.path },
          retryable: true,
          cause: error,
        },
      );
    }
  }
}

/** VS Code lets extensions reach only the network hosts that its own setting names. */
export function uncHostNotAllowed(path: string, cause: unknown): LakesideError {
  return new LakesideError(
    'UNC_HOST_NOT_ALLOWED',
    'policy',
    `VS Code does not allow access to the network host of ${path}. Add the host to the setting security.allowedUNCHosts, then reload the window.`,
    { context: { path }, cause },
  );
}

function markerMissing(root: RootPlace): LakesideError {
  return new LakesideError(
    'ROOT_NOT_MOUNTED',
    'infra',
    `The root "${rootTitle(root.name)}" is not mounted: ${root.path} is there but has no marker (${rootMarkerFile(root.path)}). Connect its drive; if this is the right folder, restore the marker, or remove the root and add it again.`,
    { context: { root: root.name, path: root.path, reason: 'marker-missing' }, retryable: true },
  );
}

function markerOfOther(root: RootPlace, name: string | undefined): LakesideError {
  const other = name === undefined ? 'another root' : `another root ("${name}")`;
  return new LakesideError(
    'ROOT_NOT_MOUNTED',
    'infra',
    `The root "${rootTitle(root.name)}" is not mounted: ${root.path} carries the marker of ${other}. Connect the right drive, or change where the root lies.`,
    { context: { root: root.name, path: root.path, reason: 'marker-other' }, retryable: true },
  );
}
