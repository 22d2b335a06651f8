import path from 'node:path';

/** Absolute path of the project's folder. */
export const projectDir: string = path.resolve(import.meta.dirname, '..', '..');
