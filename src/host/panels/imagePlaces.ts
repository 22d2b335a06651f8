import path from 'node:path';
import * as vscode from 'vscode';

import type { CallUseCase } from '../../protocol/useCases.ts';
import { windowDataDir } from '../windowSettings.ts';

/** The folders whose pictures a panel may load: thumbnails, previews, and where the projects keep their images. */
export class ImagePlaces {
  readonly #call: CallUseCase;
  readonly #folders = new Set<string>();

  constructor(call: CallUseCase) {
    this.#call = call;
  }

  /** As things are now; never rejects: without an engine a panel opens too, and says so itself. */
  async roots(): Promise<vscode.Uri[]> {
    await this.#refresh().catch(() => undefined);
    return this.#uris();
  }

  /** The roots anew if this file lies below none of them; undefined where nothing needs to change. */
  async rootsFor(file: string): Promise<vscode.Uri[] | undefined> {
    if (this.#holds(file)) return undefined;
    await this.#refresh();
    // Made before its project was given another folder.
    if (!this.#holds(file)) this.#folders.add(path.dirname(file));
    return this.#uris();
  }

  async #refresh(): Promise<void> {
    for (const name of ['thumbs', 'previews', 'images']) this.#folders.add(path.join(windowDataDir(), name));
    const { projects } = await this.#call('projects.list', { archived: true });
    for (const { imagesFolder } of projects) this.#folders.add(imagesFolder);
  }

  #holds(file: string): boolean {
    return [...this.#folders].some((folder) => {
      const below = path.relative(folder, file);
      return below !== '' && !below.startsWith('..') && !path.isAbsolute(below);
    });
  }

  #uris(): vscode.Uri[] {
    return [...this.#folders].map((folder) => vscode.Uri.file(folder));
  }
}
