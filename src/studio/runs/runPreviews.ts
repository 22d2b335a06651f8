import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { removeTree, writePassingFile } from '../../base/binaryFile.ts';
import type { Clock } from '../../base/clock.ts';
import type { PartContext } from '../providers/provider.ts';

type PreviewImage = Parameters<PartContext['preview']>[0];

const EXTENSIONS = { 'image/jpeg': 'jpg', 'image/png': 'png', 'image/webp': 'webp' } as const;
/** A person sees no more than this many a second. */
const PAUSE_MS = 200;
/** A page that was told of a picture may only now load it; one that has gone meanwhile would be an error on its console. */
const LINGER_MS = 5_000;
/** What a process left behind that ended before it had removed its pictures. */
const LEFT_OVER_MS = 3_600_000;

export interface RunPreviewsOptions {
  /** Absolute path of a folder of this run alone. */
  readonly folder: string;
  readonly clock: Clock;
  readonly onPreview: (preview: { readonly part: number; readonly path: string }) => void;
}

/**
 * The pictures of what is being made, as files that come and go. Each has a name of its own, since a page shows the old
 * picture under an old name. They may be missed: one that cannot be written is left out.
 */
export class RunPreviews {
  readonly #options: RunPreviewsOptions;
  readonly #shown = new Map<number, { readonly at: number; readonly path: string }>();
  #number = 0;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;
  #closed = false;

  constructor(options: RunPreviewsOptions) {
    this.#options = options;
  }

  show(part: number, { mime, bytes }: PreviewImage): void {
    const { folder, clock, onPreview } = this.#options;
    const before = this.#shown.get(part);
    if (this.#closed || this.#busy || clock.now() - (before?.at ?? -Infinity) < PAUSE_MS) return;
    const path = join(folder, `${part}-${++this.#number}.${EXTENSIONS[mime]}`);
    this.#busy = true;
    this.#shown.set(part, { at: clock.now(), path });
    this.#writing = writePassingFile(path, bytes)
      .then(() => {
        onPreview({ part, path });
        if (before !== undefined) this.#removeLater(before.path);
      })
      .catch(() => undefined)
      .finally(() => {
        this.#busy = false;
      });
  }

  /** Shows no more, and removes them all in a moment. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    this.#removeLater(this.#options.folder);
  }

  #removeLater(path: string): void {
    this.#options.clock.after(LINGER_MS, () => void removeTree(path).catch(() => undefined));
  }
}

/** Removes pictures of runs that ended long ago. */
export async function removeLeftPreviews(previewsDir: string, clock: Clock): Promise<void> {
  const folders = await readdir(previewsDir).catch(() => []);
  for (const folder of folders) {
    const path = join(previewsDir, folder);
    const changed = await stat(path).catch(() => undefined);
    if (changed === undefined || clock.now() - changed.mtimeMs < LEFT_OVER_MS) continue;
    await removeTree(path).catch(() => undefined);
  }
}
