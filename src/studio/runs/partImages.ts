import { join } from 'node:path';

import type { BinarySource } from '../../base/binaryFile.ts';
import { LakesideError } from '../../base/errors.ts';
import type { PartRow } from '../../store/runStore.ts';
import type { InspectedImage } from '../images/inspectImage.ts';
import type { ProducedImage } from '../providers/provider.ts';
import { imageFileName, modelOf, STAGE } from './partStates.ts';
import { type RunUnderWay, write } from './runTools.ts';
import { sidecarBytes, sidecarPath, type SidecarImage, writtenImages } from './sidecar.ts';

/** A workflow may make a batch; more than this of one question is a mistake somewhere. */
const MAX_IMAGES = 100;

export interface CheckedImage {
  readonly source: BinarySource;
  readonly inspected: InspectedImage;
}

/** What a part of a run brought: decoded, written beside its sidecar, and noted. */
export class PartImages {
  readonly #run: RunUnderWay;
  /** Images of a run are told apart in time, so that they keep their order in every list. */
  #lastTime = 0;

  constructor(run: RunUnderWay) {
    this.#run = run;
  }

  /** Nothing is believed of an image before it was decoded. @throws LakesideError PROVIDER_NONSENSE, IMAGE_… */
  async check(produced: readonly ProducedImage[]): Promise<CheckedImage[]> {
    const { tools, provider, context } = this.#run;
    if (produced.length === 0 || produced.length > MAX_IMAGES) {
      const count = produced.length === 0 ? 'no image' : `${produced.length} images`;
      throw new LakesideError(
        'PROVIDER_NONSENSE',
        'provider',
        `The provider "${provider.name}" made ${count} where one was asked for. Check how it is set up, then retry.`,
        { context: { provider: provider.name, images: produced.length } },
      );
    }
    const checked: CheckedImage[] = [];
    for (const image of produced) {
      const source = image.kind === 'bytes' ? image.bytes : image.path;
      checked.push({ source, inspected: await tools.images.inspect(source, { signal: context.signal }) });
    }
    return checked;
  }

  /** Files first, each before its sidecar, then the rows: what is noted is there. */
  async store(part: PartRow, submission: string, checked: readonly CheckedImage[]): Promise<void> {
    const { tools, snapshot, context } = this.#run;
    const images = checked.map(({ inspected }, index) => this.#describe(part, index + 1, checked.length, inspected));
    for (const [index, image] of images.entries()) {
      const source = checked[index]?.source;
      if (source === undefined) continue;
      const path = join(snapshot.folder, image.file);
      // Whoever took the run over writes the same names.
      context.assertHeld();
      await tools.storeFile(path, source);
      context.assertHeld();
      await tools.storeFile(sidecarPath(path), this.#sidecar(image, submission));
    }
    await this.#note(part, images);
  }

  /** Notes images that an earlier process wrote and could not note any more; false where there are none. */
  async takeUp(part: PartRow, submission: string): Promise<boolean> {
    const { tools, snapshot, context } = this.#run;
    const images = await writtenImages(snapshot.folder, part.part, submission);
    if (images === undefined) return false;
    for (const { file, blake3 } of images) {
      const inspected = await tools.images
        .inspect(join(snapshot.folder, file), { signal: context.signal })
        .catch(() => undefined);
      if (inspected?.blake3 !== blake3) return false;
    }
    await this.#note(part, images);
    return true;
  }

  async #note(part: PartRow, images: readonly SidecarImage[]): Promise<void> {
    const { tools, snapshot, context } = this.#run;
    await write(this.#run, () => tools.runs.completePart(context.lease, snapshot, part, images));
    tools.onChange();
  }

  #describe({ part, seed }: PartRow, n: number, of: number, inspected: InspectedImage): SidecarImage {
    const { tools, snapshot } = this.#run;
    const { format, mime, width, height, bytes, blake3 } = inspected;
    this.#lastTime = Math.max(tools.clock.now(), this.#lastTime + 1);
    return {
      id: tools.newId(),
      part,
      n,
      of,
      stage: STAGE,
      variant: String(part),
      file: imageFileName(part, n, format),
      mime,
      width,
      height,
      bytes,
      blake3,
      seed,
      model: modelOf(snapshot),
      rating: 0,
      pick: 'none',
      createdAt: this.#lastTime,
    };
  }

  #sidecar(image: SidecarImage, submission: string): Buffer {
    const { snapshot, job } = this.#run;
    const run = { id: snapshot.run, job: job.id, createdAt: job.createdAt };
    return sidecarBytes({ format: 'lakeside-image', version: 1, image, submission, run, snapshot });
  }
}
