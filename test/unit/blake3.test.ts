import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { nativeFile } from '../../src/base/installation.ts';
import { type Blake3, loadBlake3, loadNativeBlake3, loadWasmBlake3 } from '../../src/library/blake3.ts';

/** Input and hashes of BLAKE3's own test_vectors.json: byte i is i mod 251. */
const vectors: readonly (readonly [bytes: number, hash: string])[] = [
  [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
  [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
  [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
  [102400, 'bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085'],
];

function counting(bytes: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => index % 251));
}

function hashOf(blake3: Blake3, ...chunks: Buffer[]): string {
  const hash = blake3.createHash();
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest().toString('hex');
}

describe('blake3', () => {
  it('hashes the published vectors by WebAssembly', () => {
    for (const [bytes, expected] of vectors) assert.equal(hashOf(loadWasmBlake3(), counting(bytes)), expected);
  });

  it('hashes the published vectors by whatever it chose', () => {
    for (const [bytes, expected] of vectors) assert.equal(hashOf(loadBlake3(), counting(bytes)), expected);
  });

  it('chooses the native part where it is installed, and WebAssembly elsewhere', () => {
    assert.equal(loadBlake3().implementation, existsSync(nativeFile('blake3.node')) ? 'native' : 'wasm');
  });

  it('gives the same hash natively and by WebAssembly, however large the chunks', () => {
    const data = counting(5 * 1024 * 1024 + 7);
    const whole = hashOf(loadWasmBlake3(), data);
    const parts = [data.subarray(0, 3), data.subarray(3, 1_500_000), data.subarray(1_500_000)];
    assert.equal(hashOf(loadWasmBlake3(), ...parts), whole);
    const native = loadNativeBlake3();
    if (native !== undefined) assert.equal(hashOf(native, data), whole);
  });

  it('keeps several WebAssembly hashes in progress apart', () => {
    const wasm = loadWasmBlake3();
    const [first, second] = [wasm.createHash(), wasm.createHash()];
    const data = counting(1024);
    first.update(data.subarray(0, 500));
    second.update(data);
    first.update(data.subarray(500));
    assert.equal(first.digest().toString('hex'), vectors[2]?.[1]);
    assert.equal(second.digest().toString('hex'), vectors[2]?.[1]);
  });

  it('tells the hash of what was added so far, and goes on', () => {
    const [data, blake3s] = [counting(102400), [loadBlake3(), loadWasmBlake3()]];
    for (const blake3 of blake3s) {
      const hash = blake3.createHash();
      hash.update(data.subarray(0, 1024));
      assert.equal(hash.peek().toString('hex'), vectors[2]?.[1]);
      hash.update(data.subarray(1024));
      assert.equal(hash.digest().toString('hex'), vectors[3]?.[1]);
    }
  });

  it('returns its WebAssembly memory, so that many thousands of hashes fit', () => {
    const wasm = loadWasmBlake3();
    for (let round = 0; round < 20_000; round++) wasm.createHash().digest();
    assert.equal(hashOf(wasm), vectors[0]?.[1]);
  });
});
