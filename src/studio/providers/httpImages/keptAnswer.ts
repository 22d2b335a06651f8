import { join } from 'node:path';
import * as z from 'zod';

import { readTextIfPresent } from '../../../base/atomicFile.ts';
import { removeTree, storeFile } from '../../../base/binaryFile.ts';

const imageSchema = z.union([z.object({ file: z.string() }), z.object({ url: z.string() })]);
export const ticketSchema = z.object({ images: z.array(imageSchema) });
export type AnswerTicket = z.infer<typeof ticketSchema>;

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
  async keep(images: readonly ({ readonly bytes: Uint8Array } | { readonly url: string })[]): Promise<AnswerTicket> {
    const kept: AnswerTicket['images'] = [];
    for (const [index, image] of images.entries()) {
      if ('url' in image) {
        kept.push({ url: image.url });
        continue;
      }
      const file = join(this.#folder, `picture-${index + 1}`);
      await storeFile(file, image.bytes);
      kept.push({ file });
    }
    const ticket: AnswerTicket = { images: kept };
    await storeFile(this.#answerFile, Buffer.from(JSON.stringify(ticket)));
    return ticket;
  }

  /** What was kept; undefined where no answer came. */
  read(): AnswerTicket | undefined {
    const text = readTextIfPresent(this.#answerFile);
    return text === undefined ? undefined : ticketSchema.parse(JSON.parse(text));
  }

  get #sentFile(): string {
    return join(this.#folder, 'sent');
  }

  get #answerFile(): string {
    return join(this.#folder, 'answer.json');
  }
}
