import type { ReactElement } from 'react';

import { formatCount } from '../../src/base/format.ts';
import { type Pick, PICKS } from '../../src/protocol/studioValues.ts';
import { Chip } from '../shared/chip.tsx';
import { RatingStars } from '../shared/ratingStars.tsx';
import { type GalleryFilter, PICK_WORDS, shownWords, toggledPick } from './galleryModel.ts';
import type { GalleryCounts } from './galleryStore.ts';

export interface FilterBarProps {
  readonly counts: GalleryCounts | undefined;
  readonly filter: GalleryFilter;
  /** Images the filter lets through; null until that is known. */
  readonly shown: number | null;
  readonly onFilter: (filter: GalleryFilter) => void;
}

/** The order in which one decides. */
const ORDER: readonly Pick[] = [PICKS[1], PICKS[0], PICKS[2]];

export function FilterBar({ counts, filter, shown, onFilter }: FilterBarProps): ReactElement {
  const counted: Readonly<Record<Pick, number | undefined>> = {
    picked: counts?.picked,
    rejected: counts?.rejected,
    none: counts === undefined ? undefined : counts.total - counts.picked - counts.rejected,
  };
  return (
    <div className="filter-bar" role="search" aria-label="Filter images">
      <div className="chips" role="group" aria-label="Picks">
        {ORDER.map((pick) => (
          <Chip
            key={pick}
            pressed={filter.picks.includes(pick)}
            onPress={() => onFilter({ ...filter, picks: toggledPick(filter.picks, pick) })}
          >
            {PICK_WORDS[pick]}{' '}
            {counted[pick] !== undefined && <span className="chip-count">{formatCount(counted[pick])}</span>}
          </Chip>
        ))}
      </div>
      <span className="at-least">
        <span className="dim">At least</span>
        <RatingStars
          label="At least"
          rating={filter.minRating}
          onRate={(minRating) => onFilter({ ...filter, minRating })}
        />
      </span>
      <span className="shown dim" role="status">
        {shown === null ? '' : shownWords(shown, counts?.total)}
      </span>
    </div>
  );
}
