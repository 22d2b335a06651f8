import { quoteFromFile } from './finding.ts';
import { judgeCallable } from './pickleCallables.ts';
import type { CallableUse, PickleEvidence } from './pickleEvidence.ts';

/** `safe`: it can only make data. `suspicious`: it cannot be told. `dangerous`: it does what no model has to do. */
export type SafetyLevel = 'safe' | 'suspicious' | 'dangerous';

const LEVELS: readonly SafetyLevel[] = ['safe', 'suspicious', 'dangerous'];

export interface JudgedCallable {
  /** `module.name`, as the pickle says it. */
  readonly name: string;
  readonly level: SafetyLevel;
  /** A sentence; empty where it is safe. */
  readonly why: string;
}

export interface PickleVerdict {
  readonly level: SafetyLevel;
  /** Every callable that is named, the worst first. */
  readonly callables: readonly JudgedCallable[];
  /** Sentences for the person, the worst first; none where it is safe. */
  readonly reasons: readonly string[];
}

const MAX_NAME = 200;

/**
 * Judges what the walks through the pickles of a file found. Only what is on the list of what is safe is safe: a doubt, or one
 * callable that nobody knows, makes a file suspicious, and one that is known to be dangerous makes it dangerous, called or not.
 */
export function judgePickle(evidence: Pick<PickleEvidence, 'callables' | 'doubts' | 'alarms'>): PickleVerdict {
  const callables = evidence.callables
    .map(judge)
    .sort((left, right) => LEVELS.indexOf(right.level) - LEVELS.indexOf(left.level));
  const sentences = (parts: readonly string[]): string[] => parts.map((part) => `It ${part}.`);
  const whyOf = (level: SafetyLevel): string[] => callables.flatMap((one) => (one.level === level ? one.why : []));
  const dangers = [...whyOf('dangerous'), ...sentences(evidence.alarms)];
  const doubts = [...sentences(evidence.doubts), ...whyOf('suspicious')];
  const level = dangers.length > 0 ? 'dangerous' : doubts.length > 0 ? 'suspicious' : 'safe';
  return { level, callables, reasons: [...dangers, ...doubts] };
}

function judge({ module, name, called }: CallableUse): JudgedCallable {
  const judgement = judgeCallable(module, name);
  const full = `${module}.${name}`.slice(0, MAX_NAME);
  const does = called ? 'It calls' : 'It names';
  switch (judgement.level) {
    case 'dangerous':
      return { name: full, level: 'dangerous', why: `${does} ${quoteFromFile(full)}, which ${judgement.why}.` };
    case 'named':
      if (!called) return { name: full, level: 'safe', why: '' };
      return { name: full, level: 'suspicious', why: `${does} ${quoteFromFile(full)}, which models only name.` };
    case 'safe':
      return { name: full, level: 'safe', why: '' };
    case 'unknown':
      return { name: full, level: 'suspicious', why: `${does} ${quoteFromFile(full)}, of which nothing is known.` };
  }
}
