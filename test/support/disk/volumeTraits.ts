/** How a file system behaves, as far as transfers can tell one from another. */
export interface VolumeTraits {
  /** Paths follow the rules of Windows: drive letters, `\`, reserved names, 260 characters unless prefixed. */
  readonly windows: boolean;
  /** Names that differ in case or Unicode form are one file. A new name keeps the spelling it is given. */
  readonly foldsNames: boolean;
  /** An open file can be neither renamed, replaced nor removed. */
  readonly locksOpenFiles: boolean;
  readonly hardLinks: boolean;
  /** File times are kept in steps of so many ms. */
  readonly timeStepMs: number;
  /** What each call takes, ms on the virtual clock. */
  readonly latencyMs: number;
}

export const POSIX: VolumeTraits = {
  windows: false,
  foldsNames: false,
  locksOpenFiles: false,
  hardLinks: true,
  timeStepMs: 1,
  latencyMs: 0,
};

/** A local drive of Windows. Names are folded in Unicode form too, as macOS does: the stricter of both. */
export const NTFS: VolumeTraits = { ...POSIX, windows: true, foldsNames: true, locksOpenFiles: true };

/** A share of a NAS whose disk is FAT: no hard links, times in steps of 2 s, each call a way over the network. */
export const SMB: VolumeTraits = { ...NTFS, hardLinks: false, timeStepMs: 2_000, latencyMs: 20 };
