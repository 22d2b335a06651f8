import type { ByteSource } from './byteSource.ts';
import { partOfSource } from './byteCursor.ts';
import type { PickledGlobal, PickledStorage } from './pickleValues.ts';

/** Opcodes of all pickles of one file. A tensor takes about 45, so that there is room for some 19,000 of them, which keep 21 values each. */
const MAX_OPERATIONS = 1_500_000;
/** Values that are kept inside lists, tuples and dictionaries. */
const MAX_KEPT = 400_000;
const MAX_CALLABLES = 4_096;
const MAX_DOUBTS = 50;
const MAX_NESTED = 64;
const MAX_STORAGES = 200_000;

/** A callable that a pickle imports, by the names that it uses. */
export interface CallableUse {
  readonly module: string;
  readonly name: string;
  /** Whether it is called too, or only named. */
  called: boolean;
}

/** What the walks through the pickles of one file find. It bounds what they may use together. */
export class PickleEvidence {
  readonly #callables = new Map<string, CallableUse>();
  readonly #doubts = new Set<string>();
  readonly #alarms = new Set<string>();
  /** Pickles inside of the bytes of a pickle, not walked yet. */
  readonly nested: ByteSource[] = [];
  readonly storages = new Map<string, PickledStorage>();
  #operations = MAX_OPERATIONS;
  #kept = MAX_KEPT;

  get callables(): readonly CallableUse[] {
    return [...this.#callables.values()];
  }

  /** Reasons not to trust the file, whatever it imports: each the part of a sentence that follows "it". */
  get doubts(): readonly string[] {
    return [...this.#doubts];
  }

  /** Reasons to take the file for dangerous, whatever it imports: each the part of a sentence that follows "it". */
  get alarms(): readonly string[] {
    return [...this.#alarms];
  }

  alarm(reason: string): void {
    this.#alarms.add(reason);
  }

  doubt(reason: string): void {
    if (this.#doubts.size < MAX_DOUBTS) this.#doubts.add(reason);
  }

  /** Whether one more opcode may be looked at. */
  operation(): boolean {
    this.#operations -= 1;
    if (this.#operations < 0) this.doubt('holds more than can be looked at');
    return this.#operations >= 0;
  }

  /** Whether so many more values may be kept. What is not kept is not known later. */
  keep(count: number): boolean {
    if (count > this.#kept) return false;
    this.#kept -= count;
    return true;
  }

  import({ module, name }: PickledGlobal): void {
    this.#use(module, name);
  }

  call({ module, name }: PickledGlobal): void {
    const use = this.#use(module, name);
    if (use !== undefined) use.called = true;
  }

  unpickle(source: ByteSource, position: number, length: number): void {
    if (this.nested.length < MAX_NESTED) this.nested.push(partOfSource(source, position, length));
    else this.doubt('holds too many pickles inside of pickles');
  }

  store(storage: PickledStorage): void {
    if (this.storages.size < MAX_STORAGES) this.storages.set(storage.key, storage);
  }

  #use(module: string, name: string): CallableUse | undefined {
    // A line feed ends a name in every way to write it but one, where no module can have it.
    const key = `${module}\n${name}`;
    const known = this.#callables.get(key);
    if (known !== undefined) return known;
    if (this.#callables.size >= MAX_CALLABLES) {
      this.doubt('imports too many names to look at');
      return undefined;
    }
    const use = { module, name, called: false };
    this.#callables.set(key, use);
    return use;
  }
}
