/**
 * What the symbolic stack of a pickle holds: numbers and text as they are, and objects for all else. Text is kept only
 * where it can name something.
 */
export type PickleValue =
  | number
  | bigint
  | string
  | typeof OPAQUE
  | typeof UNKNOWN
  | PickledBytes
  | PickledGlobal
  | PickledSequence
  | PickledDict
  | PickledObject
  | PickledStorage
  | PickledTensor;

/** A value that matters to nobody and cannot be called: None, a truth value, a float, a long text. */
export const OPAQUE = { kind: 'opaque' } as const;

/** A value of which nothing is known, so that it may be anything. */
export const UNKNOWN = { kind: 'unknown' } as const;

/** Bytes, by where they lie in the source of the pickle. */
export interface PickledBytes {
  readonly kind: 'bytes';
  readonly position: number;
  readonly length: number;
}

/** Something that is imported by its name: a class, a function, or any other attribute of a module. */
export interface PickledGlobal {
  readonly kind: 'global';
  readonly module: string;
  readonly name: string;
}

export interface PickledSequence {
  readonly kind: 'tuple' | 'list' | 'set';
  readonly items: PickleValue[];
}

export interface PickledDict {
  readonly kind: 'dict';
  /** Key and value by turns. */
  readonly entries: PickleValue[];
}

/** What a call made. */
export interface PickledObject {
  readonly kind: 'object';
  /** Undefined where what was called is not known. */
  readonly made: PickledGlobal | undefined;
  /** What BUILD gave it. */
  state: PickleValue | undefined;
}

/** Numbers that lie outside the pickle. */
export interface PickledStorage {
  readonly kind: 'storage';
  /** The name of the file or record that holds it. */
  readonly key: string;
  /** As safetensors names it; undefined for untyped bytes. */
  readonly dtype: string | undefined;
  readonly elements: number;
}

export interface PickledTensor {
  readonly kind: 'tensor';
  readonly dtype: string | undefined;
  /** Elements along each dimension. */
  readonly shape: readonly number[];
}
