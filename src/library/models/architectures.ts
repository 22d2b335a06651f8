import { ARCHITECTURES, type ArchitectureRule, type Certainty } from './architectureTable.ts';
import { TEXT_ENCODERS, VAES, VISION_ENCODERS } from './componentTable.ts';
import type { ModelKind } from './modelKind.ts';
import type { ModelPart, TensorCensus } from './tensorCensus.ts';

export interface ArchitectureFound {
  /** The family in lower case: `sdxl`, `flux-1`, `wan`, `t5-xxl`. */
  readonly architecture: string;
  /** As people call it: `SDXL`, `Flux.1 dev`, `Wan 2.2 I2V 14B`. */
  readonly baseModel: string;
  readonly sure: Certainty;
}

// An embedding replaces words of text encoders of these widths.
const EMBEDDING_BASES: ReadonlyMap<number, ArchitectureFound> = new Map([
  [768, { architecture: 'sd1', baseModel: 'SD 1.x', sure: 'likely' }],
  [1024, { architecture: 'sd2', baseModel: 'SD 2.x', sure: 'likely' }],
  [1280, { architecture: 'sdxl', baseModel: 'SDXL', sure: 'likely' }],
]);

/** What model these tensors are of, by the tables; undefined where nothing in them is known. */
export function architectureOf(census: TensorCensus, kind: ModelKind): ArchitectureFound | undefined {
  if (kind === 'text encoder') return firstOf(TEXT_ENCODERS, census, 'text encoder');
  if (kind === 'clip vision') return firstOf(VISION_ENCODERS, census);
  if (kind === 'vae') return firstOf(VAES, census, 'vae');
  if (kind === 'embedding') return embeddingBase(census);
  if (kind === 'upscaler' || kind === 'hypernetwork') return undefined;
  return firstOf(ARCHITECTURES, census) ?? textEncoderBase(census);
}

function firstOf(
  rules: readonly ArchitectureRule[],
  census: TensorCensus,
  part?: ModelPart,
): ArchitectureFound | undefined {
  const found = rules.find(({ when }) => when.every((test) => test(census, part)));
  if (found === undefined) return undefined;
  return { architecture: found.architecture, baseModel: found.baseModel, sure: found.sure };
}

function embeddingBase({ tensors }: TensorCensus): ArchitectureFound | undefined {
  const widths = tensors.map(({ shape }) => shape.at(-1) ?? 0);
  return EMBEDDING_BASES.get(Math.max(0, ...widths));
}

/** Of an adapter that touches only text encoders, their width is all that is left. */
function textEncoderBase(census: TensorCensus): ArchitectureFound | undefined {
  const widths =
    census.group('text_model.encoder.layers.*.mlp.fc1', 'text encoder') ??
    census.group('text_model.encoder.layers.*.self_attn.q_proj', 'text encoder');
  const widest = Math.max(0, ...(widths?.shapes ?? []).map(([, columns = 0]) => columns));
  const base = EMBEDDING_BASES.get(widest);
  return base === undefined ? undefined : { ...base, sure: 'guess' };
}
