import type { ReactElement } from 'react';

import type { Pick } from '../../src/protocol/studioValues.ts';
import { Chip } from '../shared/chip.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { RatingStars } from '../shared/ratingStars.tsx';
import type { Judgement } from './galleryModel.ts';

export interface JudgeControlsProps {
  /** How it is judged now; undefined for several images, which may differ. */
  readonly pick: Pick | undefined;
  readonly rating: number;
  readonly onJudge: (judgement: Judgement) => void;
}

/** Pick, reject and stars, for the mouse; the keys are in the titles. */
export function JudgeControls({ pick, rating, onJudge }: JudgeControlsProps): ReactElement {
  return (
    <div className="judge" role="group" aria-label="Judge">
      <Chip
        className="chip-picked"
        pressed={pick === 'picked'}
        title={pick === 'picked' ? 'Take the mark off (U)' : 'Pick (P)'}
        onPress={() => onJudge({ pick: pick === 'picked' ? 'none' : 'picked' })}
      >
        <Icon name="check" /> Pick
      </Chip>
      <Chip
        className="chip-rejected"
        pressed={pick === 'rejected'}
        title={pick === 'rejected' ? 'Take the mark off (U)' : 'Reject (X)'}
        onPress={() => onJudge({ pick: pick === 'rejected' ? 'none' : 'rejected' })}
      >
        <Icon name="skip" /> Reject
      </Chip>
      {pick === undefined && (
        <Chip pressed={false} title="Take the mark off (U)" onPress={() => onJudge({ pick: 'none' })}>
          Unmark
        </Chip>
      )}
      <RatingStars rating={rating} onRate={(stars) => onJudge({ rating: stars })} />
    </div>
  );
}
