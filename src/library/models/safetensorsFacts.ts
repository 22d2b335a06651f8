import type { ByteSource } from './byteSource.ts';
import { type ModelFacts, modelFacts } from './modelFacts.ts';
import { readSafetensors } from './safetensors.ts';

/**
 * What is known of a safetensors file.
 * @param extension of its name, with the dot, in lower case
 * @throws by errno, as the source does
 */
export function safetensorsFacts(source: ByteSource, extension?: string): ModelFacts {
  return modelFacts({ format: 'safetensors', ...readSafetensors(source, extension) });
}
