import { compareRelpaths } from '../base/relpath.ts';
import type { FileState } from '../protocol/values.ts';
import { companionParts, modelParts, modelStems } from './companions.ts';
import { type CompareRule, sameFile } from './diffRules.ts';

/** A file that only one root has under its path. */
export interface SingleFile extends FileState {
  readonly path: string;
}

export interface MovedPair {
  /** The name in *from*. */
  readonly path: string;
  /** The name in *to*. */
  readonly movedFrom: string;
}

/**
 * Pairs what *from* alone has with what *to* alone has where both are the same, non-empty content under two names:
 * sorted by path, one to one. Models are paired first and take their companions along, so that equal previews of two
 * models do not change owners; what is left is then paired by content too.
 * The answer is the same, mirrored, when the sides change places.
 * @param paired models that are paired already, and in neither list: their companions are still to follow
 */
export function pairMoves(
  missing: readonly SingleFile[],
  extra: readonly SingleFile[],
  rule: CompareRule,
  paired: readonly MovedPair[] = [],
): MovedPair[] {
  const from = new Side(
    missing,
    extra,
    paired.map(({ path }) => path),
  );
  const to = new Side(
    extra,
    missing,
    paired.map(({ movedFrom }) => movedFrom),
  );
  const pairs: MovedPair[] = [];
  const pair = (fromFile: SingleFile, toFile: SingleFile): void => {
    from.open.delete(fromFile.path);
    to.open.delete(toFile.path);
    pairs.push({ path: fromFile.path, movedFrom: toFile.path });
  };

  const fromContent = from.byContent((file) => !from.followsModel(file.path));
  const toContent = to.byContent((file) => !to.followsModel(file.path));
  // In the order of the first file of each content, as if none had been paired before.
  const models = paired.map((model) => ({ model, first: model.path }));
  pairEqualContent(fromContent, toContent, (fromFile, toFile, first) => {
    pair(fromFile, toFile);
    models.push({ model: { path: fromFile.path, movedFrom: toFile.path }, first: first.path });
  });
  models.sort((left, right) => compareRelpaths(left.first, right.first));
  pairCompanions(
    from,
    to,
    models.map(({ model }) => model),
    rule,
    pair,
  );
  const any = (): boolean => true;
  pairEqualContent(from.byContent(any), to.byContent(any), pair);
  return pairs.sort((left, right) => compareRelpaths(left.path, right.path));
}

class Side {
  /** Files not yet paired, by path, in path order. */
  readonly open: Map<string, SingleFile>;
  /** Stems of models that the other side may have under another name. */
  readonly #models: ReadonlySet<string>;

  /** @param paired paths of further models that the other side has under another name */
  constructor(files: readonly SingleFile[], others: readonly SingleFile[], paired: readonly string[]) {
    const sorted = files.filter((file) => file.size > 0).sort((left, right) => compareRelpaths(left.path, right.path));
    this.open = new Map(sorted.map((file) => [file.path, file]));
    const shared = new Set(others.map((file) => file.blake3));
    shared.delete(undefined);
    const known = sorted.filter((file) => shared.has(file.blake3)).map((file) => file.path);
    this.#models = modelStems([...known, ...paired]);
  }

  followsModel(path: string): boolean {
    return companionParts(path).some((parts) => this.#models.has(parts.stem));
  }

  /** Open files of known content by hash, each list in path order. */
  byContent(wanted: (file: SingleFile) => boolean): Map<string, SingleFile[]> {
    const groups = new Map<string, SingleFile[]>();
    for (const file of this.open.values()) {
      if (file.blake3 === undefined || !wanted(file)) continue;
      const group = groups.get(file.blake3);
      if (group === undefined) groups.set(file.blake3, [file]);
      else group.push(file);
    }
    return groups;
  }
}

function pairEqualContent(
  from: ReadonlyMap<string, readonly SingleFile[]>,
  to: ReadonlyMap<string, readonly SingleFile[]>,
  pair: (fromFile: SingleFile, toFile: SingleFile, first: SingleFile) => void,
): void {
  for (const [content, fromFiles] of from) {
    const toFiles = to.get(content) ?? [];
    for (const [index, fromFile] of fromFiles.entries()) {
      const [toFile, first] = [toFiles[index], fromFiles[0]];
      if (toFile === undefined || first === undefined) break;
      pair(fromFile, toFile, first);
    }
  }
}

/** Each companion of a moved model that is the same at both names moves with it. */
function pairCompanions(
  from: Side,
  to: Side,
  models: readonly MovedPair[],
  rule: CompareRule,
  pair: (fromFile: SingleFile, toFile: SingleFile) => void,
): void {
  const companions = companionsByStem(from.open.keys());
  const counterparts = companionsByStem(to.open.keys());
  models
    .map((model) => ({ from: modelParts(model.path), to: modelParts(model.movedFrom) }))
    .forEach(({ from: fromModel, to: toModel }) => {
      if (fromModel === undefined || toModel === undefined) return;
      const targets = counterparts.get(toModel.stem);
      for (const [suffix, path] of companions.get(fromModel.stem) ?? []) {
        const fromFile = from.open.get(path);
        const toFile = to.open.get(targets?.get(suffix) ?? '');
        if (fromFile !== undefined && toFile !== undefined && sameFile(fromFile, toFile, rule)) pair(fromFile, toFile);
      }
    });
}

/** Stem → suffix → path. */
function companionsByStem(paths: Iterable<string>): Map<string, Map<string, string>> {
  const stems = new Map<string, Map<string, string>>();
  for (const path of paths) {
    for (const { stem, suffix } of companionParts(path)) {
      const suffixes = stems.get(stem);
      if (suffixes === undefined) stems.set(stem, new Map([[suffix, path]]));
      else if (!suffixes.has(suffix)) suffixes.set(suffix, path);
    }
  }
  return stems;
}
