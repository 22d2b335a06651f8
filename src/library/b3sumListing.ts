import { unescapeName } from './hashLine.ts';

/** A line of what `b3sum` prints. */
export interface ListedHash {
  /** As it is written there, without escapes and a leading `./`. */
  readonly path: string;
  /** Lower-case hexadecimal. */
  readonly blake3: string;
}

const PLAIN = /^(\\?)([0-9a-f]{64}) {2}(.+)$/su;
const TAGGED = /^(\\?)BLAKE3 \((.+)\) = ([0-9a-f]{64})$/su;
/** So many paths tell where the listing was made. */
const MAX_SAMPLES = 2_000;

/** Reads a line of `b3sum` or `b3sum --tag`; undefined for anything else. */
export function parseListedHash(line: string): ListedHash | undefined {
  const plain = PLAIN.exec(line);
  const tagged = plain === null ? TAGGED.exec(line) : null;
  const escaped = (plain ?? tagged)?.[1] === '\\';
  const [name, blake3] = plain === null ? [tagged?.[2], tagged?.[3]] : [plain[3], plain[2]];
  if (name === undefined || blake3 === undefined) return undefined;
  const path = escaped ? unescapeName(name) : name;
  return path === undefined ? undefined : { path: path.replace(/^(?:\.\/)+/, ''), blake3 };
}

/**
 * What the paths of a listing begin with before they go on as in the root: the beginning that leaves most of them a name
 * of the index. `''` where they are relative to the root, or none is known.
 */
export function listingPrefix(paths: readonly string[], isKnown: (relpath: string) => boolean): string {
  const votes = new Map<string, number>();
  for (const path of paths.slice(0, MAX_SAMPLES)) {
    for (let start = 0; start >= 0; start = nextStart(path, start)) {
      if (!isKnown(path.slice(start))) continue;
      const prefix = path.slice(0, start);
      votes.set(prefix, (votes.get(prefix) ?? 0) + 1);
      break;
    }
  }
  return [...votes].sort(([, one], [, other]) => other - one)[0]?.[0] ?? '';
}

function nextStart(path: string, start: number): number {
  const slash = path.indexOf('/', start);
  return slash < 0 ? -1 : slash + 1;
}
