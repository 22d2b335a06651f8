import { baseName, parentFolder } from '../base/relpath.ts';

/**
 * Which files belong to a model by its name: previews and sidecars that other tools write beside it.
 * Pure rules over names; docs/compare.md lists them for people.
 */

/** What a model file ends in, in the order in which models of one stem claim their common companions. */
const MODEL_EXTENSIONS: readonly string[] = [
  '.safetensors',
  '.sft',
  '.gguf',
  '.ckpt',
  '.pt',
  '.pth',
  '.bin',
  '.onnx',
  '.engine',
  '.pkl',
];

const PICTURES: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.mp4'];

/** What follows the model's stem in the name of a companion, lower case. */
const COMPANION_SUFFIXES: ReadonlySet<string> = new Set([
  ...PICTURES,
  ...PICTURES.map((extension) => `.preview${extension}`),
  '.civitai.info',
  '.cm-info.json',
  '.metadata.json',
  '.rgthree-info.json',
  '.json',
  '.yaml',
  '.yml',
  '.txt',
  '.sha256',
]);

/** The most dots in a companion's suffix. */
const MAX_SUFFIX_DOTS = 2;

export interface NameParts {
  /** The path up to the suffix; two files of one stem belong together. */
  readonly stem: string;
  /** From its first dot, lower case. */
  readonly suffix: string;
}

/** Splits a model's path at its extension; undefined for what is no model file. */
export function modelParts(relpath: string): NameParts | undefined {
  const dot = relpath.lastIndexOf('.');
  if (dot <= relpath.lastIndexOf('/') + 1) return undefined;
  const suffix = relpath.slice(dot).toLowerCase();
  return MODEL_EXTENSIONS.includes(suffix) ? { stem: relpath.slice(0, dot), suffix } : undefined;
}

/** Every way to read a path as `stem + companion suffix`, the longest suffix first; empty for what is no companion. */
export function companionParts(relpath: string): NameParts[] {
  const nameStart = relpath.lastIndexOf('/') + 1;
  const parts: NameParts[] = [];
  let dot = relpath.length;
  for (let dots = 0; dots < MAX_SUFFIX_DOTS; dots++) {
    dot = relpath.lastIndexOf('.', dot - 1);
    if (dot <= nameStart) break;
    const suffix = relpath.slice(dot).toLowerCase();
    if (COMPANION_SUFFIXES.has(suffix)) parts.unshift({ stem: relpath.slice(0, dot), suffix });
  }
  return parts;
}

/** Models by stem; several models of one stem stand in the order in which they claim companions. */
export function modelsByStem(relpaths: Iterable<string>): Map<string, string[]> {
  const models = new Map<string, string[]>();
  for (const relpath of relpaths) {
    const parts = modelParts(relpath);
    if (parts === undefined) continue;
    const sameStem = models.get(parts.stem);
    if (sameStem === undefined) models.set(parts.stem, [relpath]);
    else sameStem.push(relpath);
  }
  for (const sameStem of models.values()) {
    sameStem.sort((left, right) => extensionRank(left) - extensionRank(right));
  }
  return models;
}

/**
 * The companions of a model among the names of its folder, as relpaths.
 * @param siblingNames names without folder, of files in the model's folder
 */
export function companionsOf(modelRelpath: string, siblingNames: Iterable<string>): string[] {
  const model = modelParts(modelRelpath);
  if (model === undefined) return [];
  const folder = parentFolder(modelRelpath);
  const companions: string[] = [];
  for (const name of siblingNames) {
    const relpath = folder === '' ? name : `${folder}/${name}`;
    if (companionParts(relpath).some((parts) => parts.stem === model.stem)) companions.push(relpath);
  }
  return companions;
}

/**
 * The model that a companion belongs to, or undefined where none of its folder has its stem.
 * @param siblingNames names without folder, of files in the companion's folder
 */
export function modelOf(companionRelpath: string, siblingNames: Iterable<string>): string | undefined {
  const parts = companionParts(companionRelpath);
  if (parts.length === 0) return undefined;
  const folder = parentFolder(companionRelpath);
  const models = modelsByStem(siblingNames);
  for (const { stem } of parts) {
    const model = models.get(baseName(stem))?.[0];
    if (model !== undefined) return folder === '' ? model : `${folder}/${model}`;
  }
  return undefined;
}

function extensionRank(relpath: string): number {
  return MODEL_EXTENSIONS.indexOf(modelParts(relpath)?.suffix ?? '');
}
