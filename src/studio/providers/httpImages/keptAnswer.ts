import { join } from 'node:path';
import * as z from 'zod';

import { readTextIfPresent } from '../../../base/atomicFile.ts';
import { removeTree, storeFile } from '../../../base/binaryFile.ts';

const imageSchema = z.union([z.object({ file: z.string() }), z.object({ url: z.string() })]);
const keptSchema = z.object({ images: z.array(imageSchema) });
type Kept = z.infer<typeof keptSchema>;
/** Pictures that the disk did not take are with the process that asked for them. */
export const ticketSchema = z.union([keptSchema, z.object({ unkept: z.literal(true) })]);
export type AnswerTicket = z.infer<typeof ticketSchema>;

/** A picture as it was answered. */
export type AnsweredImage = { readonly bytes: Uint8Array } | { readonly url: string };

/**
 * What a part's folder tells a later process: `sent` stands there from before a request leaves until it certainly came to
 * nothing, `answer.json` once its pictures are kept.
 */
export class KeptAnswer {
  readonly #folder: string;

  /** @param scratch absolute path of the part's own folder */
  constructor(scratch: string) {
    this.#folder = scratch;
  }

  async mark(sent: boolean): Promise<void> {
    if (sent) await storeFile(this.#sentFile, new Uint8Array());
    else await removeTree(this.#sentFile);
  }

  get wasSent(): boolean {
    return readTextIfPresent(this.#sentFile) !== undefined;
  }

  /** Keeps pictures that came as bytes, and the addresses of those that did not. */
  async keep(images: readonly AnsweredImage[]): Promise<Kept> {
    const kept: Kept['images'] = [];
    for (const [index, image] of images.entries()) {
      if ('url' in image) {
        kept.push({ url: image.url });
        continue;
      }
      const file = join(this.#folder, `picture-${index + 1}`);
      await storeFile(file, image.bytes);
      kept.push({ file });
    }
    const ticket: Kept = { images: kept };
    await storeFile(this.#answerFile, Buffer.from(JSON.stringify(ticket)));
    return ticket;
  }

  /** What was kept; undefined where no answer came, or what was noted of it is damaged. */
  read(): Kept | undefined {
    const text = readTextIfPresent(this.#answerFile);
    if (text === undefined) return undefined;
    try {
      return keptSchema.safeParse(JSON.parse(text)).data;
    } catch {
      return undefined;
    }
  }

  get #sentFile(): string {
    return join(this.#folder, 'sent');
  }

  get #answerFile(): string {
    return join(this.#folder, 'answer.json');
  }
}
