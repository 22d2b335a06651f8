import type { ReactElement } from 'react';

import { starWords } from './starWords.ts';
import { Icon } from './studioIcon.tsx';

const RATINGS = [1, 2, 3, 4, 5] as const;

export interface RatingStarsProps {
  readonly rating: number;
  /** What the stars say, if not how an image is rated: `At least`. */
  readonly label?: string;
  /** The same star again takes it away: 0. */
  readonly onRate: (rating: number) => void;
}

export function RatingStars({ rating, label, onRate }: RatingStarsProps): ReactElement {
  return (
    <span className="stars" role="group" aria-label={`${label ?? 'Rating'}: ${starWords(rating)}`}>
      {RATINGS.map((star) => (
        <button
          key={star}
          type="button"
          className={star <= rating ? 'star star-on' : 'star'}
          aria-label={starWords(star)}
          aria-pressed={star === rating}
          title={titleOf(star, rating, label)}
          onClick={() => onRate(star === rating ? 0 : star)}
        >
          <Icon name={star <= rating ? 'starFull' : 'starEmpty'} />
        </button>
      ))}
    </span>
  );
}

function titleOf(star: number, rating: number, label: string | undefined): string {
  if (label !== undefined) return star === rating ? 'However many stars' : `${label} ${starWords(star)}`;
  return star === rating ? 'No stars (0)' : `${starWords(star)} (${star})`;
}
