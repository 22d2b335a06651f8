/**
 * Which files belong to a model by its name: previews and sidecars that other tools write beside it.
 * Pure rules over names; docs/compare.md lists them for people.
 */

/** What a model file ends in, lower case. */
const MODEL_EXTENSIONS: ReadonlySet<string> = new Set([
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
]);

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
  return MODEL_EXTENSIONS.has(suffix) ? { stem: relpath.slice(0, dot), suffix } : undefined;
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

/** The stems of the models among some paths. */
export function modelStems(relpaths: Iterable<string>): Set<string> {
  const stems = new Set<string>();
  for (const relpath of relpaths) {
    const parts = modelParts(relpath);
    if (parts !== undefined) stems.add(parts.stem);
  }
  return stems;
}
