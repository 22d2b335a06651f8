import { LakesideError } from '../../base/errors.ts';
import type { InputField } from '../../protocol/studioValues.ts';
import type { ImagePool } from '../imagePool.ts';
import { draftPicture } from './draftPicture.ts';
import type { PartRequest, ProducedImage, Provider, ProviderCapabilities, Ticket } from './provider.ts';

const SIZE: Pick<InputField, 'type' | 'default' | 'min' | 'max' | 'step'> = {
  type: 'integer',
  default: 1_024,
  min: 64,
  max: 4_096,
  step: 8,
};
const FIELDS: readonly InputField[] = [
  { name: 'width', label: 'Width', ...SIZE },
  { name: 'height', label: 'Height', ...SIZE },
];

/** Draws a placeholder that says so: offline, at once, for planning and for showing how things work. */
export class DraftProvider implements Provider {
  readonly name = 'draft';
  readonly kind = 'draft';
  readonly detail = 'Placeholders, drawn here';
  readonly capabilities: ProviderCapabilities = { workflows: false, seeds: true, parallel: 2, needsTrust: false };
  readonly #images: Pick<ImagePool, 'draw'>;

  constructor(images: Pick<ImagePool, 'draw'>) {
    this.#images = images;
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  fields(): Promise<{ fields: readonly InputField[]; problems: readonly never[] }> {
    return Promise.resolve({ fields: FIELDS, problems: [] });
  }

  async submit(request: PartRequest): Promise<Ticket> {
    sizeOf(request);
    return Promise.resolve({});
  }

  /** Drawn again it is the same picture, and costs nothing. */
  adopt(_request: PartRequest, ticket: Ticket | undefined): Promise<Ticket | undefined> {
    return Promise.resolve(ticket);
  }

  async observe(request: PartRequest): Promise<readonly ProducedImage[]> {
    const { snapshot, seed } = request;
    const svg = draftPicture({ prompt: snapshot.merged.prompt, seed, ...sizeOf(request) });
    return [{ kind: 'bytes', bytes: await this.#images.draw(svg) }];
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }
}

function sizeOf({ snapshot }: PartRequest): { width: number; height: number } {
  const { values } = snapshot.generation;
  return { width: side(values.width, 'width'), height: side(values.height, 'height') };
}

function side(value: unknown, name: string): number {
  const { default: standard, min, max } = SIZE;
  const pixels = Number(value ?? standard);
  if (Number.isInteger(pixels) && pixels >= Number(min) && pixels <= Number(max)) return pixels;
  throw new LakesideError(
    'VALUE_INVALID',
    'validation',
    `The ${name} of a draft is a whole number of pixels from ${min} to ${max}, not ${JSON.stringify(value)}.`,
    { context: { name } },
  );
}
