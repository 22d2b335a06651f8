import { settledArchitecture } from './architectureNames.ts';
import { architectureOf, type ArchitectureFound } from './architectures.ts';
import type { Certainty } from './architectureTable.ts';
import type { Finding } from './finding.ts';
import { kindOf, type ModelKind } from './modelKind.ts';
import { TensorCensus } from './tensorCensus.ts';
import { countParameters, type TensorInfo } from './tensorInfo.ts';
import { type TagCount, trainingFacts, type TrainingFacts } from './trainingMetadata.ts';

export type ModelFormat = 'safetensors' | 'gguf' | 'pickle';

/** What is known of a model from its file alone, whatever its format. Plain data: it goes between threads as it is. */
export interface ModelFacts {
  readonly format: ModelFormat;
  /** Bytes of the file. */
  readonly fileBytes: number;
  /** Bytes of its tensors. */
  readonly tensorBytes: number;
  readonly tensorCount: number;
  /** Numbers in its tensors, as they are stored. */
  readonly parameters: number;
  /** Numbers by dtype, the most common first. */
  readonly dtypes: readonly { readonly dtype: string; readonly parameters: number }[];
  readonly kind: ModelKind;
  /** Of an adapter of low rank. */
  readonly rank?: number;
  /** The family in lower case: `sdxl`, `flux-1`, `wan`. */
  readonly architecture?: string;
  /** As people call it: `SDXL`, `Flux.1 dev`. */
  readonly baseModel?: string;
  /** How sure architecture and base model are. */
  readonly sure?: Certainty;
  /** The file it was trained from, as its trainer named it. */
  readonly trainedFrom?: string;
  readonly title?: string;
  readonly author?: string;
  readonly licence?: string;
  readonly description?: string;
  /** Pixels, `1024x1024`. */
  readonly resolution?: string;
  readonly triggerWords: readonly string[];
  /** Of the captions it was trained with, the most common first. */
  readonly tags: readonly TagCount[];
  readonly findings: readonly Finding[];
}

/** What a reader of any format found in a file. */
export interface ReadModel {
  readonly format: ModelFormat;
  readonly fileBytes: number;
  readonly tensorBytes: number;
  readonly tensors: readonly TensorInfo[];
  readonly metadata: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

const MAX_DTYPES = 20;

/** Puts together what tensors and metadata say. */
export function modelFacts(read: ReadModel): ModelFacts {
  const census = new TensorCensus(read.tensors);
  const { kind, rank } = kindOf(census);
  const { base, rank: saidRank, findings, ...said } = trainingFacts(read.metadata);
  const { total, byDtype } = countParameters(read.tensors);
  return {
    format: read.format,
    fileBytes: read.fileBytes,
    tensorBytes: read.tensorBytes,
    tensorCount: read.tensors.length,
    parameters: total,
    dtypes: [...byDtype]
      .map(([dtype, parameters]) => ({ dtype, parameters }))
      .sort((a, b) => b.parameters - a.parameters)
      .slice(0, MAX_DTYPES),
    kind,
    ...ranked(rank, saidRank),
    ...architecture(architectureOf(census, kind), base, kind),
    ...said,
    findings: [...read.findings, ...findings],
  };
}

/** The tensors know better than the metadata, which stay when an adapter is resized. */
function ranked(rank: number | undefined, said: TrainingFacts['rank']): { readonly rank?: number } {
  const known = rank ?? said;
  return known === undefined ? {} : { rank: known };
}

function architecture(
  tensors: ArchitectureFound | undefined,
  metadata: ArchitectureFound | undefined,
  kind: ModelKind,
): Partial<ArchitectureFound> {
  // An encoder belongs to several models; what it was packed for does not say what it is.
  const component = kind === 'text encoder' || kind === 'clip vision' || kind === 'vae';
  return (component && tensors !== undefined ? tensors : settledArchitecture(tensors, metadata)) ?? {};
}
