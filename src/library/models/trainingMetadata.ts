import { namedArchitecture } from './architectureNames.ts';
import type { ArchitectureFound } from './architectures.ts';
import { bytesOf } from './byteSource.ts';
import type { Finding } from './finding.ts';
import { HeaderScanner, HeaderSyntaxError } from './headerScanner.ts';

export interface TagCount {
  readonly tag: string;
  /** Captions it stood in. */
  readonly count: number;
}

/** What the metadata of a model tell of it, each field only where they do. */
export interface TrainingFacts {
  readonly title?: string;
  readonly author?: string;
  readonly licence?: string;
  readonly description?: string;
  /** Pixels, `1024x1024`. */
  readonly resolution?: string;
  readonly base?: ArchitectureFound;
  /** The file it was trained from, as its trainer named it. */
  readonly trainedFrom?: string;
  readonly rank?: number;
  readonly triggerWords: readonly string[];
  /** Of the captions it was trained with, the most common first. */
  readonly tags: readonly TagCount[];
  readonly findings: readonly Finding[];
}

const MAX_FIELD = 1000;
const MAX_DESCRIPTION = 20_000;
const MAX_TAGS_COUNTED = 50_000;
const MAX_TAGS = 1000;
const MAX_TRIGGER_WORDS = 50;
const MAX_TAG_BYTES = 300;

// Folders that are named for what they are, not for what they show.
const PLAIN_FOLDERS = /^(\d+|img|imgs|image|images|data|dataset|datasets|train|training|input|pictures|photos)$/i;
// Titles that kohya's scripts make up where nobody gives one.
const MADE_UP_TITLE = /^(LoRA|Checkpoint|TextualInversion)@[\d.]+$/;

/**
 * Reads what training scripts and authors leave in the metadata of a file: `modelspec.*`
 * (https://github.com/Stability-AI/ModelSpec) before `ss_*` (kohya's sd-scripts, `docs/train_network_README`) before
 * `general.*` (GGUF).
 */
export function trainingFacts(metadata: ReadonlyMap<string, string>): TrainingFacts {
  const frequency = tagFrequency(metadata.get('ss_tag_frequency'));
  const title = textOf(metadata, MAX_FIELD, 'modelspec.title');
  const fields = {
    title:
      title === undefined || MADE_UP_TITLE.test(title)
        ? textOf(metadata, MAX_FIELD, 'ss_output_name', 'general.name', 'title', 'name')
        : title,
    author: textOf(metadata, MAX_FIELD, 'modelspec.author', 'general.author', 'author'),
    licence: textOf(metadata, MAX_FIELD, 'modelspec.license', 'general.license', 'license'),
    description: textOf(metadata, MAX_DESCRIPTION, 'modelspec.description', 'general.description', 'description'),
    resolution: resolution(textOf(metadata, MAX_FIELD, 'modelspec.resolution', 'ss_resolution')),
    base: namedBase(metadata),
    trainedFrom: textOf(metadata, MAX_FIELD, 'ss_sd_model_name'),
    rank: wholeNumber(textOf(metadata, MAX_FIELD, 'ss_network_dim')),
  };
  return {
    ...withoutUndefined(fields),
    triggerWords: triggerWords(metadata, frequency.folders),
    tags: frequency.tags,
    findings: frequency.findings,
  };
}

type Fields<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(fields: T): Fields<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields<T>;
}

/** The first of some keys that says something: scripts write `None` for nothing. */
function textOf(metadata: ReadonlyMap<string, string>, most: number, ...keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = (metadata.get(key) ?? '')
      .slice(0, most)
      .replace(/[^\P{C}\n]/gu, ' ')
      .trim();
    if (text !== '' && text !== 'None' && text !== 'null') return text;
  }
  return undefined;
}

function namedBase(metadata: ReadonlyMap<string, string>): ArchitectureFound | undefined {
  for (const key of ['modelspec.architecture', 'ss_base_model_version', 'general.architecture', 'architecture']) {
    const name = textOf(metadata, MAX_FIELD, key);
    const found = name === undefined ? undefined : namedArchitecture(name);
    if (found !== undefined) return found;
  }
  if (metadata.get('ss_v2') === 'True') return { architecture: 'sd2', baseModel: 'SD 2.x', sure: 'certain' };
  return undefined;
}

/** `1024x768`, `(1024, 768)` or `1024`. */
function resolution(text: string | undefined): string | undefined {
  const [width, height = width] = text?.match(/\d{2,5}/g) ?? [];
  return width === undefined || height === undefined ? undefined : `${Number(width)}x${Number(height)}`;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

function triggerWords(metadata: ReadonlyMap<string, string>, folders: readonly string[]): string[] {
  const phrase = textOf(metadata, MAX_DESCRIPTION, 'modelspec.trigger_phrase');
  const words = phrase === undefined ? folders.map(withoutRepeats) : phrase.split(/[,;\n]/).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== '' && (phrase !== undefined || !PLAIN_FOLDERS.test(word))))].slice(
    0,
    MAX_TRIGGER_WORDS,
  );
}

/** `10_a cat`, a folder of which each picture is shown 10 times, → `a cat`. */
function withoutRepeats(folder: string): string {
  const name = folder.split(/[/\\]/).at(-1) ?? '';
  return name.replace(/^\d+_/, '').trim();
}

/** The JSON of `ss_tag_frequency`: for each folder, for each tag, how many captions it stood in. */
function tagFrequency(text: string | undefined): {
  readonly folders: readonly string[];
  readonly tags: readonly TagCount[];
  readonly findings: readonly Finding[];
} {
  const folders: string[] = [];
  const counts = new Map<string, number>();
  const findings: Finding[] = [];
  if (text !== undefined && text.trim() !== '') {
    const bytes = Buffer.from(text);
    const scanner = new HeaderScanner(bytesOf(bytes), 0, bytes.length);
    try {
      scanner.object((folder) => {
        if (folders.length < MAX_TRIGGER_WORDS) folders.push(folder);
        scanner.object((tag) => count(counts, tag, scanner.wholeNumber()), MAX_DESCRIPTION);
      }, MAX_FIELD);
    } catch (error) {
      if (!(error instanceof HeaderSyntaxError)) throw error;
      findings.push({
        code: 'MALFORMED_METADATA',
        message: 'The counts of its training tags (ss_tag_frequency) are damaged. The tensors are not affected.',
      });
    }
  }
  const tags = [...counts]
    .map(([tag, times]) => ({ tag, count: times }))
    .sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1))
    .slice(0, MAX_TAGS);
  return { folders, tags, findings };
}

function count(counts: Map<string, number>, tag: string, times: number): void {
  const name = tag.trim();
  if (name === '' || name.length > MAX_TAG_BYTES) return;
  const before = counts.get(name);
  if (before === undefined && counts.size >= MAX_TAGS_COUNTED) return;
  counts.set(name, Math.min((before ?? 0) + times, Number.MAX_SAFE_INTEGER));
}
