import { ByteCursor } from './byteCursor.ts';
import type { ByteSource } from './byteSource.ts';
import { readPickleArgument } from './pickleArgument.ts';
import { evaluateCall, type PickleCallNotes, storageOf } from './pickleCalls.ts';
import { quoteFromFile } from './finding.ts';
import type { PickleEvidence } from './pickleEvidence.ts';
import { pickleOpcode, type PickleOpcodeName } from './pickleOpcodes.ts';
import { type PickledSequence, type PickleValue, UNKNOWN } from './pickleValues.ts';

const NEWEST_PROTOCOL = 5;
const MAX_STACK = 500_000;
const MAX_MEMO = 500_000;

/** Where a walk came to. */
export interface WalkedPickle {
  /** What the pickle stands for; UNKNOWN where it did not end. */
  readonly value: PickleValue;
  /** Whether it came to a STOP. */
  readonly complete: boolean;
  /** Bytes from the start of the source to behind the last opcode that was read. */
  readonly end: number;
}

/**
 * Walks the opcodes of one pickle, of any protocol, and runs none of it. A stack and a memo of symbols tell which callables
 * it names and calls, also where their names come in pieces. Whatever a loader would stop at, or what cannot be resolved, is
 * a doubt, and the walk goes on as long as it can read opcodes: another loader may see it another way.
 *
 * What each opcode does is told by Lib/pickletools.py and `_Unpickler` in Lib/pickle.py of CPython.
 */
export function walkPickle(source: ByteSource, start: number, evidence: PickleEvidence): WalkedPickle {
  return new PickleMachine(source, start, evidence).run();
}

class PickleMachine {
  readonly #cursor: ByteCursor;
  readonly #evidence: PickleEvidence;
  readonly #notes: PickleCallNotes;
  readonly #stack: PickleValue[] = [];
  /** Heights of the stack at the open marks. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #frameEnd = 0;

  constructor(source: ByteSource, start: number, evidence: PickleEvidence) {
    this.#cursor = new ByteCursor(source, start);
    this.#evidence = evidence;
    this.#notes = {
      doubt: (reason) => evidence.doubt(reason),
      nested: (bytes) => evidence.unpickle(source, bytes.position, bytes.length),
      keep: (count) => evidence.keep(count),
    };
  }

  run(): WalkedPickle {
    const cursor = this.#cursor;
    while (this.#evidence.operation()) {
      const at = cursor.position;
      const byte = cursor.byte();
      if (byte < 0) return this.#broken('ends in the middle');
      const opcode = pickleOpcode(byte);
      if (opcode === undefined) return this.#broken('holds an opcode that no version of Python knows');
      const argument = readPickleArgument(opcode.argument, cursor);
      if (argument === undefined) return this.#broken('ends in the middle');
      this.#checkFrame(at, opcode.name);
      if (opcode.name === 'STOP') return { value: this.#pop(), complete: true, end: cursor.position };
      this.#step(opcode.name, argument);
      if (this.#stack.length + this.#marks.length > MAX_STACK || this.#memo.size > MAX_MEMO) {
        return this.#broken('holds more than can be looked at');
      }
    }
    return { value: UNKNOWN, complete: false, end: cursor.position };
  }

  #broken(reason: string): WalkedPickle {
    this.#evidence.doubt(reason);
    return { value: UNKNOWN, complete: false, end: this.#cursor.position };
  }

  /**
   * Loaders disagree on opcodes that reach over the end of a frame: one may run what another takes for the bytes of a text.
   * See https://github.com/python/cpython/issues/154848.
   */
  #checkFrame(at: number, name: PickleOpcodeName): void {
    const crosses = at < this.#frameEnd && this.#cursor.position > this.#frameEnd;
    if (crosses || (name === 'FRAME' && at < this.#frameEnd)) this.#evidence.doubt('has frames that do not fit');
  }

  #step(name: Exclude<PickleOpcodeName, 'STOP'>, argument: PickleValue): void {
    switch (name) {
      case 'PROTO':
        if (Number(argument) > NEWEST_PROTOCOL)
          this.#evidence.doubt('is of a protocol that no version of Python knows');
        return;
      case 'FRAME':
        this.#frameEnd = this.#cursor.position + Number(argument);
        if (this.#frameEnd > this.#cursor.source.size) this.#evidence.doubt('has frames that do not fit');
        return;
      case 'INT':
      case 'BININT':
      case 'BININT1':
      case 'BININT2':
      case 'LONG':
      case 'LONG1':
      case 'LONG4':
      case 'STRING':
      case 'BINSTRING':
      case 'SHORT_BINSTRING':
      case 'BINBYTES':
      case 'SHORT_BINBYTES':
      case 'BINBYTES8':
      case 'BYTEARRAY8':
      case 'NONE':
      case 'NEWTRUE':
      case 'NEWFALSE':
      case 'UNICODE':
      case 'SHORT_BINUNICODE':
      case 'BINUNICODE':
      case 'BINUNICODE8':
      case 'FLOAT':
      case 'BINFLOAT':
        this.#stack.push(argument);
        return;
      case 'NEXT_BUFFER':
        this.#evidence.doubt('needs data that is not in it');
        this.#stack.push(UNKNOWN);
        return;
      case 'READONLY_BUFFER':
        return;
      case 'EMPTY_LIST':
        this.#stack.push({ kind: 'list', items: [] });
        return;
      case 'EMPTY_SET':
        this.#stack.push({ kind: 'set', items: [] });
        return;
      case 'EMPTY_TUPLE':
        this.#stack.push({ kind: 'tuple', items: [] });
        return;
      case 'EMPTY_DICT':
        this.#stack.push({ kind: 'dict', entries: [] });
        return;
      case 'LIST':
        this.#stack.push(this.#sequence('list', this.#popMark()));
        return;
      case 'FROZENSET':
        this.#stack.push(this.#sequence('set', this.#popMark()));
        return;
      case 'TUPLE':
        this.#stack.push(this.#sequence('tuple', this.#popMark()));
        return;
      case 'TUPLE1':
        this.#stack.push(this.#sequence('tuple', this.#popMany(1)));
        return;
      case 'TUPLE2':
        this.#stack.push(this.#sequence('tuple', this.#popMany(2)));
        return;
      case 'TUPLE3':
        this.#stack.push(this.#sequence('tuple', this.#popMany(3)));
        return;
      case 'DICT': {
        const items = this.#popMark();
        this.#stack.push({ kind: 'dict', entries: this.#evidence.keep(items.length) ? items : [] });
        return;
      }
      case 'APPEND':
        this.#add(this.#popMany(1));
        return;
      case 'APPENDS':
      case 'ADDITEMS':
      case 'SETITEMS':
        this.#add(this.#popMark());
        return;
      case 'SETITEM':
        this.#add(this.#popMany(2));
        return;
      case 'POP':
        // On an empty part of the stack it takes the mark away.
        if (this.#stack.length === this.#floor() && this.#marks.length > 0) this.#marks.pop();
        else this.#pop();
        return;
      case 'DUP':
        this.#stack.push(this.#top());
        return;
      case 'MARK':
        this.#marks.push(this.#stack.length);
        return;
      case 'POP_MARK':
        this.#popMark();
        return;
      case 'GET':
      case 'BINGET':
      case 'LONG_BINGET':
        this.#get(argument);
        return;
      case 'PUT':
      case 'BINPUT':
      case 'LONG_BINPUT':
        this.#put(argument);
        return;
      case 'MEMOIZE':
        this.#put(this.#memo.size);
        return;
      case 'GLOBAL':
        this.#stack.push(this.#import(argument));
        return;
      case 'STACK_GLOBAL': {
        const [module, attribute] = this.#popMany(2);
        const named = typeof module === 'string' && typeof attribute === 'string';
        this.#stack.push(this.#import(named ? { kind: 'global', module, name: attribute } : UNKNOWN));
        return;
      }
      case 'EXT1':
      case 'EXT2':
      case 'EXT4':
        this.#evidence.doubt('imports something by a number that only the computer that loads it knows');
        this.#stack.push(UNKNOWN);
        return;
      case 'REDUCE':
      case 'NEWOBJ': {
        const [callable, args] = this.#popMany(2);
        this.#call(callable, args);
        return;
      }
      case 'NEWOBJ_EX': {
        const [callable, args] = this.#popMany(3);
        this.#call(callable, args);
        return;
      }
      case 'OBJ': {
        const [callable, ...args] = this.#popMark();
        this.#call(callable, { kind: 'tuple', items: args });
        return;
      }
      case 'INST':
        this.#call(this.#import(argument), { kind: 'tuple', items: this.#popMark() });
        return;
      case 'BUILD':
        this.#build(this.#pop());
        return;
      case 'PERSID':
        this.#persistent(argument);
        return;
      case 'BINPERSID':
        this.#persistent(this.#pop());
        return;
    }
  }

  #floor(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #pop(): PickleValue {
    if (this.#stack.length > this.#floor()) return this.#stack.pop() ?? UNKNOWN;
    this.#evidence.doubt('takes more from its stack than is there');
    return UNKNOWN;
  }

  /** The topmost values, the deepest of them first. */
  #popMany(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let index = 0; index < count; index += 1) values.unshift(this.#pop());
    return values;
  }

  #top(): PickleValue {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  #popMark(): PickleValue[] {
    const height = this.#marks.pop();
    if (height !== undefined) return this.#stack.splice(height);
    this.#evidence.doubt('takes more from its stack than is there');
    return [];
  }

  #sequence(kind: PickledSequence['kind'], items: PickleValue[]): PickleValue {
    return this.#evidence.keep(items.length) ? { kind, items } : UNKNOWN;
  }

  /** Puts values into the container on top. */
  #add(values: PickleValue[]): void {
    const target = this.#top();
    if (typeof target !== 'object' || target.kind === 'global' || target.kind === 'bytes') {
      this.#evidence.doubt('puts values into something that is no container');
    } else if (target.kind === 'dict' || target.kind === 'list') {
      const items = target.kind === 'dict' ? target.entries : target.items;
      if (this.#evidence.keep(values.length)) for (const value of values) items.push(value);
    }
  }

  #get(index: PickleValue): void {
    const value = typeof index === 'number' ? this.#memo.get(index) : undefined;
    if (value === undefined) this.#evidence.doubt('asks its memo for something that is not in it');
    this.#stack.push(value ?? UNKNOWN);
  }

  #put(index: PickleValue): void {
    const value = this.#top();
    if (typeof index === 'number' && index >= 0) this.#memo.set(index, value);
    else this.#evidence.doubt('has a memo that cannot be read');
  }

  #import(value: PickleValue): PickleValue {
    if (typeof value === 'object' && value.kind === 'global') this.#evidence.import(value);
    else this.#evidence.doubt('imports something whose name is only known when it runs');
    return value;
  }

  #call(callable: PickleValue | undefined, args: PickleValue | undefined): void {
    const known = typeof args === 'object' && (args.kind === 'tuple' || args.kind === 'list') ? args.items : undefined;
    if (typeof callable === 'object' && callable.kind === 'global') {
      this.#evidence.call(callable);
      this.#stack.push(evaluateCall(callable, known, this.#notes));
      return;
    }
    this.#evidence.doubt('calls something that is only known when it runs');
    this.#stack.push({ kind: 'object', made: undefined, state: undefined });
  }

  /** BUILD calls `__setstate__`, or sets attributes. No pickler asks that of a class, a function or a module. */
  #build(state: PickleValue): void {
    const target = this.#top();
    if (typeof target === 'object' && target.kind === 'object') target.state = state;
    else if (typeof target === 'object' && target.kind === 'global') {
      this.#evidence.alarm(`changes ${quoteFromFile(target.name)} for the whole program that loads it`);
    } else if (typeof target !== 'object' || !HAVE_STATE.has(target.kind)) {
      this.#evidence.doubt('changes something that has no state of its own');
    }
  }

  /** Torch keeps its numbers outside the pickle and names them by a tuple; any other id is for a program we do not know. */
  #persistent(id: PickleValue): void {
    const storage = storageOf(id);
    if (storage === undefined) this.#evidence.doubt('needs something from outside that is no torch storage');
    else this.#evidence.store(storage);
    this.#stack.push(storage ?? UNKNOWN);
  }
}

/** What torch, `collections` and numpy make and then set a state of. Objects are judged by what made them. */
const HAVE_STATE: ReadonlySet<string> = new Set(['dict', 'tensor', 'storage']);
