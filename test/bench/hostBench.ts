import type { HostRow } from './report.ts';
export async function measureHost(_folder: string, _files: number): Promise<HostRow[]> {
  return Promise.resolve([]);
}
