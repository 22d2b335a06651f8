import type { ByteSource } from './byteSource.ts';

/** Bytes read at once: what is held of a header at a time, however long it is. */
const CHUNK_BYTES = 256 * 1024;
const MAX_DEPTH = 64;
/** Brackets, commas and values that may be passed over in a whole header. */
const MAX_SKIPPED = 1_000_000;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const END = -1;

/** The header is not JSON, or not the JSON that is expected at that place. */
export class HeaderSyntaxError extends Error {
  override readonly name = 'HeaderSyntaxError';
}

/**
 * Reads JSON (RFC 8259) from a range of a file piece by piece, keeping only what is asked for: what a hostile header can
 * make us hold is bounded by its caller, not by its length.
 * @throws HeaderSyntaxError where the JSON is not as asked for; what `ByteSource.read` throws
 */
export class HeaderScanner {
  readonly #source: ByteSource;
  readonly #end: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #chunk: Uint8Array = new Uint8Array(0);
  #scratch: Uint8Array = new Uint8Array(0);
  #chunkStart: number;
  #at = 0;
  #skipped = 0;

  /** @param start and `end`: positions in the file, in bytes */
  constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.#chunkStart = start;
    this.#end = end;
  }

  /** Calls back once at each key of an object, before its value, which the callback must read. */
  object(onKey: (key: string) => void, maxKeyBytes: number): void {
    this.#members(OPEN_BRACE, CLOSE_BRACE, () => {
      const key = this.string(maxKeyBytes);
      if (key === undefined) throw this.#error(`has a name of more than ${maxKeyBytes} bytes`);
      this.#expect(COLON);
      onKey(key);
    });
  }

  /** Calls back once at each element of an array, which the callback must read. */
  array(onElement: () => void): void {
    this.#members(OPEN_BRACKET, CLOSE_BRACKET, onElement);
  }

  /** Whether a string comes next. */
  isString(): boolean {
    return this.#peek() === QUOTE;
  }

  isObject(): boolean {
    return this.#peek() === OPEN_BRACE;
  }

  /** A string, or undefined where it has more bytes than are to be kept; it is passed over all the same. */
  string(maxBytes: number): string | undefined {
    this.#expect(QUOTE);
    const state = { escaped: false, afterBackslash: false };
    let kept = 0;
    for (;;) {
      const start = this.#at;
      const closed = this.#toQuote(state);
      const run = this.#chunk.subarray(start, this.#at);
      if (closed) {
        this.#at++;
        if (kept + run.length > maxBytes) return undefined;
        if (kept === 0) return this.#text(run, state.escaped);
        this.#keep(run, kept);
        return this.#text(this.#scratch.subarray(0, kept + run.length), state.escaped);
      }
      if (kept + run.length <= maxBytes) this.#keep(run, kept);
      kept += run.length;
      if (!this.#fill()) throw this.#error('ends within a string');
    }
  }

  /** A whole number from 0 to 2^53 - 1. */
  wholeNumber(): number {
    let value = 0;
    let digits = 0;
    for (let byte = this.#peek(); byte >= 0x30 && byte <= 0x39; byte = this.#byte()) {
      value = value * 10 + (byte - 0x30);
      digits++;
      this.#at++;
      if (value > Number.MAX_SAFE_INTEGER) throw this.#error('has a number that is too large');
    }
    const next = this.#byte();
    if (digits === 0 || next === 0x2e || next === 0x65 || next === 0x45) {
      throw this.#error('has something else where a whole number belongs');
    }
    return value;
  }

  /** Passes over a value of any kind. What is within it is only looked at as far as its end needs. */
  skip(): void {
    const closers: number[] = [];
    do {
      if (++this.#skipped > MAX_SKIPPED) throw this.#error('holds too much that does not belong there,');
      const byte = this.#peek();
      if (byte === QUOTE) this.string(0);
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
        if (closers.length === MAX_DEPTH) throw this.#error('is nested too deep');
        closers.push(byte === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
        this.#at++;
      } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        if (closers.pop() !== byte) throw this.#error('has a bracket that closes nothing');
        this.#at++;
      } else if (byte === COMMA || byte === COLON) {
        if (closers.length === 0) throw this.#error('lacks a value');
        this.#at++;
      } else this.#word();
    } while (closers.length > 0);
  }

  /** Whether only white space is left. */
  atEnd(): boolean {
    return this.#peek() === END;
  }

  #members(open: number, close: number, onMember: () => void): void {
    this.#expect(open);
    if (this.#peek() === close) {
      this.#at++;
      return;
    }
    for (;;) {
      onMember();
      const byte = this.#peek();
      this.#at++;
      if (byte === close) return;
      if (byte !== COMMA) throw this.#error('lacks a comma or a closing bracket');
    }
  }

  /** A number, `true`, `false` or `null`. */
  #word(): void {
    let length = 0;
    for (let byte = this.#byte(); isWordByte(byte); byte = this.#byte()) {
      this.#at++;
      length++;
    }
    if (length === 0) throw this.#error('has a character that does not belong there');
  }

  /** Goes to the quote that closes the string, or to the end of the chunk; whether it is there. */
  #toQuote(state: { escaped: boolean; afterBackslash: boolean }): boolean {
    const chunk = this.#chunk;
    const { length } = chunk;
    let at = this.#at;
    for (;;) {
      if (state.afterBackslash && at < length) {
        state.afterBackslash = false;
        if ((chunk[at] ?? END) >= 0x20) at++;
      }
      let byte = END;
      while (at < length) {
        byte = chunk[at] ?? END;
        if (byte === QUOTE || byte === BACKSLASH || byte < 0x20) break;
        at++;
      }
      this.#at = at;
      if (at >= length) return false;
      if (byte === QUOTE) return true;
      if (byte !== BACKSLASH) throw this.#error('has a control character within a string');
      state.escaped = state.afterBackslash = true;
      at++;
    }
  }

  /** Appends to what is held of a string that goes over several chunks. */
  #keep(run: Uint8Array, length: number): void {
    if (length + run.length > this.#scratch.length) {
      const larger = new Uint8Array(2 * (length + run.length));
      larger.set(this.#scratch.subarray(0, length));
      this.#scratch = larger;
    }
    this.#scratch.set(run, length);
  }

  #text(bytes: Uint8Array, escaped: boolean): string {
    try {
      const text = this.#decoder.decode(bytes);
      if (!escaped) return text;
      const parsed: unknown = JSON.parse(`"${text}"`);
      return String(parsed).toWellFormed();
    } catch {
      throw this.#error('has a string that is not valid UTF-8 or has an unknown escape');
    }
  }

  #expect(byte: number): void {
    if (this.#peek() !== byte) throw this.#error(`lacks a "${String.fromCharCode(byte)}"`);
    this.#at++;
  }

  /** The next byte after white space. */
  #peek(): number {
    let byte = this.#byte();
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      this.#at++;
      byte = this.#byte();
    }
    return byte;
  }

  #byte(): number {
    if (this.#at < this.#chunk.length) return this.#chunk[this.#at] ?? END;
    return this.#fill() ? (this.#chunk[this.#at] ?? END) : END;
  }

  /** Reads on once the chunk is used up; false at the end. */
  #fill(): boolean {
    const position = this.#chunkStart + this.#chunk.length;
    this.#chunk = this.#source.read(position, Math.min(CHUNK_BYTES, this.#end - position));
    this.#chunkStart = position;
    this.#at = 0;
    return this.#chunk.length > 0;
  }

  #error(what: string): HeaderSyntaxError {
    return new HeaderSyntaxError(`${what} at byte ${this.#chunkStart + this.#at}`);
  }
}

/** Letters, digits, `+`, `-` and `.`. */
function isWordByte(byte: number): boolean {
  const letter = byte | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) ||
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e
  );
}
