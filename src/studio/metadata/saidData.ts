import type { GenerationData } from '../../protocol/studioValues.ts';

/** What texts in an image say, without what its pixels and bytes say. */
export type SaidData = Omit<GenerationData, 'width' | 'height' | 'format' | 'bytes'>;

type Optional<T> = { readonly [K in keyof T]?: T[K] | undefined };

const MAX_MORE = 200;
const MAX_MORE_LENGTH = 20_000;
const MAX_TEXT = 200_000;

/** The fields that are there, no longer than a view can show. */
export function said(source: SaidData['source'], fields: Optional<Omit<SaidData, 'source'>>): SaidData {
  const { prompt, negative, loras, more, ...rest } = fields;
  const entries = Object.entries(more ?? {})
    .filter(([, value]) => value !== '')
    .slice(0, MAX_MORE)
    .map(([key, value]) => [key.slice(0, 200), value.slice(0, MAX_MORE_LENGTH)] as const);
  return {
    source,
    ...withoutAbsent(rest),
    ...(prompt === undefined ? {} : { prompt: prompt.slice(0, MAX_TEXT) }),
    ...(negative === undefined || negative === '' ? {} : { negative: negative.slice(0, MAX_TEXT) }),
    ...(loras === undefined || loras.length === 0 ? {} : { loras: loras.slice(0, MAX_MORE) }),
    ...(entries.length === 0 ? {} : { more: Object.fromEntries(entries) }),
  };
}

/** The fields without those that are undefined. */
export function withoutAbsent<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  return Object.assign(kept, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}
