import assert from 'node:assert/strict';

import { MemoryDisk } from '../support/disk/memoryDisk.ts';
import { NTFS, POSIX, SMB } from '../support/disk/volumeTraits.ts';
import { worldOf } from '../support/disk/worldDisk.ts';

const NFC = 'caf\u00e9';
const NFD = 'cafe\u0301';

function failsWith(code: string, act: () => unknown): void {
  assert.throws(act, (error: Error & { code?: string }) => error.code === code, code);
}

describe('a disk in memory', () => {
  describe('that behaves as Windows', () => {
    let disk: MemoryDisk;
    const put = (path: string, text = 'x'): void => worldOf(disk).write(path, Buffer.from(text), 1_700_000_000_123);
    beforeEach(() => {
      disk = new MemoryDisk({ 'C:\\models': NTFS, '\\\\nas\\lake': SMB });
    });

    it('finds a name in any case and Unicode form, and keeps the spelling it was made with', () => {
      put(`C:\\models\\Lora\\${NFC}`);
      assert.equal(disk.lstat(`C:\\MODELS\\lora\\${NFD}`)?.kind, 'file');
      assert.deepEqual(disk.list('c:\\models\\LORA'), [NFC]);
      failsWith('EEXIST', () => disk.create(`C:\\models\\lora\\${NFD}`));
      disk.rename(`C:\\models\\lora\\${NFC}`, `C:\\models\\lora\\${NFD.toUpperCase()}`);
      assert.deepEqual(disk.list('C:\\models\\Lora'), [NFD.toUpperCase()]);
    });

    it('keeps an open file from being renamed, replaced and removed', () => {
      put('C:\\models\\a');
      put('C:\\models\\b');
      const file = disk.openToRead('C:\\models\\a');
      failsWith('EPERM', () => disk.rename('C:\\models\\a', 'C:\\models\\c'));
      failsWith('EPERM', () => disk.rename('C:\\models\\b', 'C:\\models\\a'));
      failsWith('EBUSY', () => disk.unlink('C:\\models\\a'));
      disk.close(file);
      disk.hold('C:\\models\\a', 100);
      failsWith('EBUSY', () => disk.unlink('C:\\models\\a'));
      disk.pause(100);
      disk.unlink('C:\\models\\a');
    });

    it('refuses reserved names, and long paths without their prefix', () => {
      for (const name of ['con', 'NUL.txt', 'a:b', 'dot.', 'space ']) {
        failsWith('EINVAL', () => disk.create(`C:\\models\\${name}`));
      }
      const long = Array.from({ length: 30 }, () => 'abcdefghij').join('\\');
      put(`C:\\models\\${long}`);
      failsWith('ENOENT', () => disk.openToRead(`C:\\models\\${long}`));
      disk.close(disk.openToRead(`\\\\?\\C:\\models\\${long}`));
    });

    it('keeps times in steps of two seconds, makes no hard links, and takes its time', () => {
      put('\\\\nas\\lake\\a');
      assert.equal(disk.lstat('\\\\?\\UNC\\nas\\lake\\a')?.mtimeMs, 1_700_000_000_000);
      failsWith('EISDIR', () => disk.link('\\\\nas\\lake\\a', '\\\\nas\\lake\\b'));
      assert.equal(disk.elapsedMs, 2 * 20);
      failsWith('EXDEV', () => disk.rename('\\\\nas\\lake\\a', 'C:\\models\\a'));
    });

    it('fails what is open when its drive is pulled out, and finds nothing there', () => {
      put('\\\\nas\\lake\\a');
      const file = disk.openToRead('\\\\nas\\lake\\a');
      const volume = disk.mount('\\\\nas\\lake', undefined);
      failsWith('EIO', () => disk.read(file, Buffer.alloc(1), 0));
      assert.equal(disk.lstat('\\\\nas\\lake\\a'), undefined);
      disk.mount('\\\\nas\\lake', volume);
      assert.equal(disk.lstat('\\\\nas\\lake\\a')?.kind, 'file');
    });
  });

  it('tells names apart, follows links and replaces open files where it behaves as POSIX', () => {
    const disk = new MemoryDisk({ '/models': POSIX });
    const world = worldOf(disk);
    for (const name of ['a', 'A', NFC, NFD]) world.write(`/models/${name}`, Buffer.from(name), 0);
    assert.equal(disk.list('/models').length, 4);
    const file = disk.openToRead('/models/a');
    disk.rename('/models/A', '/models/a');
    const buffer = Buffer.alloc(9);
    assert.equal(buffer.toString('utf8', 0, disk.read(file, buffer, 0)), 'a');
    disk.close(file);
    assert.equal(world.read('/models/a')?.toString(), 'A');
    world.symlink('/models', '/models/round');
    assert.equal(disk.realPath('/models/round/round/a'), '/models/a');
    failsWith('ELOOP', () => disk.openToRead('/models/round'));
    disk.link('/models/a', '/models/b');
    assert.equal(disk.lstat('/models/b')?.links, 2);
    assert.equal(disk.lstat('/models/b')?.id, disk.lstat('/models/a')?.id);
  });
});
