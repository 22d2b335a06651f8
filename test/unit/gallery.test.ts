import assert from 'node:assert/strict';

import { type GalleryAction, galleryAction, type GalleryPlace } from '../../webview/images/galleryKeys.ts';
import {
  findNear,
  judgementsBack,
  judgementWords,
  leavesFilter,
  shownWords,
} from '../../webview/images/galleryModel.ts';
import { fittedScale, scrollToShow, shownCentre } from '../../webview/images/imageZoom.ts';
import { ALL_MARKED, isMarked, markCount, markOf, NO_MARKS, toggled, withMarked } from '../../webview/images/marks.ts';
import { gridLayout, scrollTopAfter } from '../../webview/shared/gridLayout.ts';

const grid: GalleryPlace = { mode: 'grid', active: 5, total: 10, columns: 4, pageRows: 2 };
const single: GalleryPlace = { ...grid, mode: 'single' };

function pressed(
  key: string,
  place: GalleryPlace,
  held: { shift?: boolean; mod?: boolean } = {},
): GalleryAction | undefined {
  return galleryAction({ key, shiftKey: held.shift ?? false, modKey: held.mod ?? false, altKey: false }, place);
}

/** Where a key leads. */
function to(key: string, place: GalleryPlace): number | undefined {
  const action = pressed(key, place);
  return action?.kind === 'go' ? action.to : undefined;
}

describe('keys of the gallery', () => {
  it('move through the grid by columns, rows and pages, and never out of it', () => {
    assert.deepEqual(
      ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'].map((key) =>
        to(key, grid),
      ),
      [4, 6, 1, 9, 1, 9, 0, 9],
    );
    assert.equal(to('ArrowDown', { ...grid, active: 7 }), 9, 'to the end of a last row that is not full');
    assert.equal(to('ArrowDown', { ...grid, active: 8 }), 8, 'nowhere from the last row');
    assert.equal(to('ArrowUp', { ...grid, active: 2 }), 2);
    assert.equal(to('ArrowLeft', { ...grid, active: 0 }), 0);
    assert.equal(to('ArrowRight', { ...grid, active: 9 }), 9);
  });

  it('move from image to image in the single view, whatever the columns', () => {
    assert.deepEqual(
      ['ArrowLeft', 'ArrowUp', 'PageUp', 'ArrowRight', 'ArrowDown', 'PageDown', ' ', 'End'].map((key) =>
        to(key, single),
      ),
      [4, 4, 4, 6, 6, 6, 6, 9],
    );
    assert.deepEqual(pressed('ArrowLeft', single, { shift: true }), { kind: 'pan', x: -1, y: 0 });
  });

  it('judge in both views, also with the capitals locked', () => {
    for (const place of [grid, single]) {
      assert.deepEqual(pressed('p', place), { kind: 'pick', pick: 'picked' });
      assert.deepEqual(pressed('X', place), { kind: 'pick', pick: 'rejected' });
      assert.deepEqual(pressed('u', place), { kind: 'pick', pick: 'none' });
      assert.deepEqual(pressed('0', place), { kind: 'rate', rating: 0 });
      assert.deepEqual(pressed('5', place), { kind: 'rate', rating: 5 });
      assert.equal(pressed('6', place), undefined);
      assert.deepEqual(pressed('Z', place), { kind: 'zoom' });
      assert.deepEqual(pressed('z', place, { mod: true }), { kind: 'undo' });
    }
  });

  it('mark, and extend what is marked, in the grid alone', () => {
    assert.deepEqual(pressed(' ', grid), { kind: 'mark' });
    assert.deepEqual(pressed('a', grid, { mod: true }), { kind: 'markAll' });
    assert.deepEqual(pressed('ArrowRight', grid, { shift: true }), { kind: 'go', to: 6, extend: true });
    assert.deepEqual(pressed('End', single, { shift: true }), { kind: 'go', to: 9, extend: false });
  });

  it('leave to VS Code what is its own', () => {
    for (const key of ['p', 'x', '1', 'Enter', 'f']) assert.equal(pressed(key, grid, { mod: true }), undefined);
    assert.equal(galleryAction({ key: 'p', shiftKey: false, modKey: false, altKey: true }, grid), undefined);
    assert.equal(pressed('Tab', grid), undefined);
  });
});

describe('marks', () => {
  it('are some images, or all but some', () => {
    const two = toggled(toggled(NO_MARKS, 'a'), 'b');
    assert.equal(markCount(two, 100), 2);
    assert.equal(isMarked(toggled(two, 'a'), 'a'), false);
    const allButOne = toggled(ALL_MARKED, 'a');
    assert.equal(markCount(allButOne, 100), 99);
    assert.equal(isMarked(allButOne, 'a'), false);
    assert.equal(isMarked(allButOne, 'z'), true);
    assert.equal(markCount(withMarked(allButOne, ['a']), 100), 100);
    assert.deepEqual(withMarked(markOf(['a']), ['b']), markOf(['a', 'b']));
  });
});

describe('judgements', () => {
  it('are said in words', () => {
    assert.equal(judgementWords({ pick: 'picked' }, 1), 'Picked 1 image');
    assert.equal(judgementWords({ pick: 'none' }, 2), 'Took the mark off 2 images');
    assert.equal(judgementWords({ rating: 1 }, 1_200), 'Rated 1,200 images 1 star');
    assert.equal(judgementWords({ rating: 0 }, 1), 'Cleared the stars of 1 image');
    assert.equal(shownWords(120, 3_400), '120 of 3,400 images');
    assert.equal(shownWords(1, 1), '1 image');
  });

  it('are taken back with one for each way that images were', () => {
    const before = [
      { id: 'a', pick: 'none', rating: 0 },
      { id: 'b', pick: 'picked', rating: 3 },
      { id: 'c', pick: 'none', rating: 0 },
    ] as const;
    assert.deepEqual(judgementsBack(before), [
      { judgement: { pick: 'none', rating: 0 }, ids: ['a', 'c'] },
      { judgement: { pick: 'picked', rating: 3 }, ids: ['b'] },
    ]);
  });

  it('may leave what a filter shows', () => {
    assert.equal(leavesFilter({ picks: ['none'], minRating: 0 }, { pick: 'picked' }), true);
    assert.equal(leavesFilter({ picks: [], minRating: 3 }, { rating: 2 }), true);
    assert.equal(leavesFilter({ picks: ['picked'], minRating: 3 }, { rating: 4 }), false);
  });

  it('find an image again after others came and went', () => {
    const rows = ['x', 'y', 'a', 'b', 'c'];
    const rowAt = (index: number): { id: string } | undefined => {
      const id = rows[index];
      return id === undefined ? undefined : { id };
    };
    assert.equal(findNear('b', 1, rowAt), 3);
    assert.equal(findNear('x', 4, rowAt), 0);
    assert.equal(findNear('z', 2, rowAt), undefined);
  });
});

describe('the layout of a grid', () => {
  it('fills the width with at least two columns', () => {
    const wide = gridLayout({ width: 1_000, cellWidth: 180, footHeight: 24, gap: 8 });
    assert.deepEqual(wide, { columns: 5, cellWidth: 190, rowHeight: 222 });
    assert.equal(gridLayout({ width: 200, cellWidth: 340, footHeight: 24, gap: 8 }).columns, 2);
    // Browsers end at 33 million pixels.
    const narrow = gridLayout({ width: 700, cellWidth: 340, footHeight: 24, gap: 8 });
    assert.ok((100_000 / narrow.columns) * narrow.rowHeight < 33_000_000);
  });

  it('keeps the first cell in view when columns come and go', () => {
    const before = { columns: 4, cellWidth: 190, rowHeight: 200 };
    const after = { columns: 8, cellWidth: 90, rowHeight: 100 };
    assert.equal(scrollTopAfter(2_000, before, after), 500);
  });
});

describe('the single view', () => {
  it('shrinks an image to fit, and never enlarges it', () => {
    assert.equal(fittedScale({ width: 500, height: 400 }, { width: 1_000, height: 400 }), 0.5);
    assert.equal(fittedScale({ width: 500, height: 400 }, { width: 100, height: 100 }), 1);
  });

  it('looks at the same part of the next image', () => {
    const view = { width: 400, height: 300 };
    const image = { width: 1_000, height: 200 };
    const { left, top } = scrollToShow({ x: 0.7, y: 0.5 }, view, image);
    assert.deepEqual([left, top], [500, 0]);
    const scrolled = { scrollLeft: left, scrollTop: top, clientWidth: 400, clientHeight: 300 };
    assert.deepEqual(shownCentre(scrolled, image), { x: 0.7, y: 0.5 });
  });
});
