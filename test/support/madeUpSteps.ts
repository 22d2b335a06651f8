import type { PlanRow } from '../../src/protocol/contracts/plans.ts';

const FOLDERS = [
  'checkpoints/sd15',
  'checkpoints/sdxl',
  'controlnet',
  'diffusion_models/flux',
  'embeddings',
  'loras/flux/portraits',
  'loras/sdxl/styles',
  'upscale_models',
  'vae',
] as const;
const NAMES = [
  'dreamshaper',
  'juggernaut_xl',
  'film_grain',
  'soft_light',
  'detail_tweaker',
  'RealESRGAN',
  'anime_lines',
];
const GIB = 1024 ** 3;
const FIRST_DAY = Date.UTC(2025, 2, 3, 14, 2);

/** As many steps as asked for, of every kind, sorted by path; the same ones each time. */
export function madeUpSteps(count: number): PlanRow[] {
  const rows = Array.from({ length: count }, (_, index) => madeUpStep(index));
  rows.sort((left, right) => (left.path < right.path ? -1 : 1));
  return rows.map((row, step) => ({ ...row, step }));
}

function madeUpStep(index: number): PlanRow {
  const folder = FOLDERS[index % FOLDERS.length] ?? 'loras';
  const name = `${NAMES[(index * 3) % NAMES.length] ?? 'model'}_v${String(index).padStart(5, '0')}.safetensors`;
  const size = Math.round(((index * 7_919) % 6_500) * 1_000_003) + 12_345;
  const file = { size, mtimeMs: FIRST_DAY + index * 61_000, blake3: index.toString(16).padStart(64, 'a7c') };
  const shared = { path: `${folder}/${name}`, step: index, ticked: true };
  switch (index % 20) {
    case 7:
      return { ...shared, op: 'move', movedFrom: `downloads/${name}`, expect: { from: file, to: file }, bytes: size };
    case 13:
      return { ...shared, op: 'delete', expect: { from: null, to: file }, bytes: size };
    case 5: {
      const old = { size: Math.round(size * 0.9) + GIB, mtimeMs: file.mtimeMs - 86_400_000 };
      return { ...shared, op: 'copy', expect: { from: file, to: old }, bytes: size };
    }
    default:
      return { ...shared, op: 'copy', expect: { from: file, to: null }, bytes: size };
  }
}

/** A plan both ways: what each side lacks, and every `everyth` step a conflict, of which the newer one is now here now there; a few are of names. */
export function madeUpStepsBothWays(count: number, every = 6): PlanRow[] {
  return madeUpSteps(count).map((row, index): PlanRow => {
    const file = row.expect.from ?? row.expect.to ?? { size: row.bytes, mtimeMs: FIRST_DAY };
    const shared = { step: row.step, path: row.path, op: 'copy', bytes: row.bytes } as const;
    if (index % (6 * every) === 2 * every + 2) {
      const movedFrom = `unsorted/${row.path}`;
      const expect = { from: file, to: file };
      return { ...shared, op: 'move', movedFrom, direction: 'undecided', ticked: false, expect };
    }
    if (index % every === 2) {
      const later = file.mtimeMs + (index % 4 === 0 ? 1 : -1) * 86_400_000 * 9;
      const other = {
        size: Math.round(file.size * 1.02),
        mtimeMs: later,
        blake3: index.toString(16).padStart(64, 'b3'),
      };
      return { ...shared, direction: 'undecided', ticked: false, expect: { from: file, to: other } };
    }
    return index % 3 === 0
      ? { ...shared, direction: 'reverse', ticked: true, expect: { from: null, to: file } }
      : { ...shared, ticked: true, expect: { from: file, to: null } };
  });
}

/** A plan that frees space: what the other root holds verified, under another name now and then. */
export function madeUpRemovals(count: number): PlanRow[] {
  return madeUpSteps(count).map((row): PlanRow => {
    const file = row.expect.from ?? row.expect.to ?? { size: row.bytes, mtimeMs: FIRST_DAY };
    return {
      step: row.step,
      path: row.path,
      op: 'delete',
      bytes: row.bytes,
      ticked: true,
      expect: { from: file, to: file },
    };
  });
}

/** A plan that takes an apply back. */
export function madeUpUndo(count: number): PlanRow[] {
  return madeUpSteps(count).map((row, index): PlanRow => {
    const file = row.expect.from ?? row.expect.to ?? { size: row.bytes, mtimeMs: FIRST_DAY };
    const shared = { step: row.step, path: row.path, bytes: row.bytes, ticked: true };
    if (index % 3 === 0) {
      const trashed = '20261127-141500-5f2a';
      return { ...shared, op: 'move', movedFrom: row.path, trashed, expect: { from: null, to: file } };
    }
    return { ...shared, op: 'delete', expect: { from: null, to: file } };
  });
}
