import { readFileSync } from 'node:fs';
import { loadNativeFile, nativeFile } from '../base/installation.ts';

/** A BLAKE3 state. `digest` ends it: neither method may be called afterwards. */
export interface Blake3Hash {
  /** Adds bytes; they are read before the call returns, so the caller may reuse the buffer. */
  update(chunk: Uint8Array): void;
  /** The hash of what was added so far: 32 bytes. More may be added afterwards. Costs microseconds, whatever was added. */
  peek(): Buffer;
  /** @returns the hash: 32 bytes */
  digest(): Buffer;
}

export interface Blake3 {
  readonly implementation: 'native' | 'wasm';
  createHash(): Blake3Hash;
}

let loaded: Blake3 | undefined;

/**
 * BLAKE3 by the native addon where it was compiled and loads (2.8 GB/s a thread), else by WebAssembly (0.95 GB/s).
 * Synchronous and kept per thread.
 */
export function loadBlake3(): Blake3 {
  loaded ??= loadNativeBlake3() ?? loadWasmBlake3();
  return loaded;
}

interface NativeAddon {
  createHash(): { update(chunk: Uint8Array): void; digest(length: number): Buffer };
}

/** The native implementation, or undefined where it is not installed or does not load on this platform. */
export function loadNativeBlake3(): Blake3 | undefined {
  let addon: unknown;
  try {
    addon = loadNativeFile('blake3.node');
  } catch {
    // Not compiled for this platform: the normal case without a compiler, and the WASM part does the same work.
    return undefined;
  }
  if (!isNativeAddon(addon)) return undefined;
  return { implementation: 'native', createHash: () => nativeHash(addon) };
}

function nativeHash(addon: NativeAddon): Blake3Hash {
  const state = addon.createHash();
  const digest = (): Buffer => state.digest(hashBytes);
  return { update: (chunk) => state.update(chunk), peek: digest, digest };
}

function isNativeAddon(value: unknown): value is NativeAddon {
  return typeof value === 'object' && value !== null && 'createHash' in value && typeof value.createHash === 'function';
}

const hashBytes = 32;
/** Bytes copied into WASM memory at once. The memory cannot grow (16 MiB). */
const scratchBytes = 1024 * 1024;

/** Exports of blake3-wasm 3.0.0's module by the meaning its own loader gives to the single letters. */
interface WasmExports {
  memory: WebAssembly.Memory;
  malloc: (bytes: number) => number;
  free: (address: number) => void;
  hasherInit: () => number;
  hasherUpdate: (hasher: number, address: number, bytes: number) => void;
  hasherRead: (hasher: number, seekHigh: number, seekLow: number, address: number, bytes: number) => void;
}

/**
 * The WebAssembly implementation. The package's own JavaScript is left out for three reasons: it installs process-wide
 * handlers that rethrow every unhandled rejection, it can only be loaded asynchronously, and its `update` hashes wrong
 * bytes for input beyond 1 MiB.
 */
export function loadWasmBlake3(): Blake3 {
  const wasm = instantiate(readFileSync(nativeFile('blake3.wasm')));
  const scratch = wasm.malloc(scratchBytes);
  const abandoned = new FinalizationRegistry<number>((hasher) => wasm.free(hasher));
  return { implementation: 'wasm', createHash: () => wasmHash(wasm, scratch, abandoned) };
}

function wasmHash(wasm: WasmExports, scratch: number, abandoned: FinalizationRegistry<number>): Blake3Hash {
  const hasher = wasm.hasherInit();
  const heap = new Uint8Array(wasm.memory.buffer);
  const hash: Blake3Hash = {
    update(chunk) {
      for (let start = 0; start < chunk.byteLength; start += scratchBytes) {
        const part = chunk.subarray(start, start + scratchBytes);
        heap.set(part, scratch);
        wasm.hasherUpdate(hasher, scratch, part.byteLength);
      }
    },
    peek() {
      wasm.hasherRead(hasher, 0, 0, scratch, hashBytes);
      return Buffer.from(heap.subarray(scratch, scratch + hashBytes));
    },
    digest() {
      const digest = hash.peek();
      abandoned.unregister(hash);
      wasm.free(hasher);
      return digest;
    },
  };
  abandoned.register(hash, hasher, hash);
  return hash;
}

function instantiate(bytes: Buffer<ArrayBuffer>): WasmExports {
  const memory = (): WebAssembly.Memory => exported('d', isMemory);
  const stop = (reason: string) => (): never => {
    throw new Error(`blake3.wasm stopped: ${reason}`);
  };
  const imports = {
    a: {
      a: stop('out of memory'),
      b: (target: number, source: number, length: number) => {
        new Uint8Array(memory().buffer).copyWithin(target, source, source + length);
      },
      c: stop('an assertion failed'),
    },
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  function exported<T>(name: string, is: (value: unknown) => value is T): T {
    const value: unknown = exports[name];
    if (!is(value)) throw new Error(`blake3.wasm has no export ${name}: it is not the version this code was made for`);
    return value;
  }
  const call = (name: string) => exported(name, isNumeric);
  call('e')();
  return {
    memory: memory(),
    malloc: call('h'),
    free: call('o'),
    hasherInit: call('i'),
    hasherUpdate: call('l'),
    hasherRead: call('m'),
  };
}

function isMemory(value: unknown): value is WebAssembly.Memory {
  return value instanceof WebAssembly.Memory;
}

function isNumeric(value: unknown): value is (...values: number[]) => number {
  return typeof value === 'function';
}
