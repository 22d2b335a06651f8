import type { ErrorShape } from '../../base/errors.ts';
import type { CallUseCase } from '../../protocol/useCases.ts';

export interface ThumbnailUri {
  readonly id: string;
  readonly uri?: string;
  readonly error?: ErrorShape;
}

/** Thumbnails as a page can load them, made where there are none yet. */
export async function thumbnailUris(
  call: CallUseCase,
  panel: { uriOf(file: string): Promise<string> },
  input: { readonly images: string[]; readonly size?: 256 | 512 },
  signal: AbortSignal,
): Promise<ThumbnailUri[]> {
  const { thumbnails } = await call('images.thumbnails', input, { signal });
  return Promise.all(
    thumbnails.map(async ({ id, path, error }) => ({
      id,
      ...(path === undefined ? {} : { uri: await panel.uriOf(path) }),
      ...(error === undefined ? {} : { error }),
    })),
  );
}
