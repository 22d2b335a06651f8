/** Types of setUp.mjs, which is JavaScript because it runs before TypeScript can. */
export const projectDir: string;
export const serverDir: string;
export const projectNode: string;
export function installPackages(): void;
export function installVscodeServer(): void;
export function installPrograms(wanted?: readonly ('chromium' | 'b3sum' | 'rclone')[]): void;
export function findChromium(): string | undefined;
export function findProgram(name: string): string | undefined;
export function runOnProjectNode(script: string, args?: readonly string[]): number;
export function npmCommand(args: readonly string[]): [program: string, args: string[], shell: boolean];
