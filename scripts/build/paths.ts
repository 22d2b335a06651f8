import path from 'node:path';

/** Absolute paths of the project and of what the build makes. */
export const projectDir: string = path.resolve(import.meta.dirname, '..', '..');
export const distDir: string = path.join(projectDir, 'dist');
export const packagesDir: string = path.join(projectDir, 'node_modules');
