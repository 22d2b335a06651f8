import { memo, type ReactElement } from 'react';

import type { RunImage } from '../../src/protocol/studioValues.ts';
import { Icon } from '../shared/studioIcon.tsx';
import type { Thumbnails } from '../shared/thumbnails.ts';
import { useThumbnail } from '../shared/useThumbnail.ts';
import { imageWords } from './galleryModel.ts';

export interface ImageTileProps {
  readonly index: number;
  readonly column: number;
  readonly total: number;
  /** undefined until its page arrives. */
  readonly image: RunImage | undefined;
  readonly isActive: boolean;
  readonly isMarked: boolean;
  /** Whether what is done now is done to this image. */
  readonly isSelected: boolean;
  readonly thumbnails: Thumbnails;
}

const STARS = [1, 2, 3, 4, 5] as const;

/** An image of the grid. The grid listens to its clicks: `data-rate` and `data-pick` say what a place of it does. */
export const ImageTile = memo(function ImageTile(props: ImageTileProps): ReactElement {
  const { index, column, total, image, isActive, isMarked, isSelected, thumbnails } = props;
  const classes = ['tile'];
  if (isActive) classes.push('tile-active');
  if (isMarked) classes.push('tile-marked');
  if (image !== undefined) classes.push(`tile-${image.pick}`);
  return (
    <div
      className={classes.join(' ')}
      role="gridcell"
      data-index={index}
      aria-colindex={column + 1}
      aria-selected={isSelected}
      aria-label={imageWords(image, index, total)}
      tabIndex={isActive ? 0 : -1}
    >
      <Picture image={image} thumbnails={thumbnails} />
      {image !== undefined && <Foot image={image} isMarked={isMarked} />}
    </div>
  );
});

function Picture({ image, thumbnails }: Pick<ImageTileProps, 'image' | 'thumbnails'>): ReactElement {
  const thumbnail = useThumbnail(thumbnails, image?.id);
  const uri = thumbnail?.uri;
  return (
    <div className="tile-picture">
      {uri !== undefined && image !== undefined && (
        <img
          src={uri}
          alt=""
          decoding="async"
          draggable={false}
          onLoad={(event) => event.currentTarget.classList.add('loaded')}
          onError={() => thumbnails.failedToLoad(image.id, uri)}
        />
      )}
      {uri === undefined && thumbnail?.error !== undefined && (
        <span className="tile-problem" title={thumbnail.error.message}>
          <Icon name="warning" />
          <span className="tile-problem-words">{thumbnail.error.message}</span>
        </span>
      )}
    </div>
  );
}

/** For the mouse only: the keyboard has its keys, and the tile's name says what is shown here. */
function Foot({ image, isMarked }: { image: RunImage; isMarked: boolean }): ReactElement {
  return (
    <div className="tile-foot" aria-hidden="true">
      <span className={image.rating > 0 ? 'tile-stars tile-rated' : 'tile-stars'}>
        {STARS.map((star) => (
          <span key={star} data-rate={star} className={star <= image.rating ? 'tile-star tile-star-on' : 'tile-star'}>
            ★
          </span>
        ))}
      </span>
      <span className="tile-picks">
        <span data-pick="picked" className="tile-pick" title="Pick (P)">
          <Icon name="check" />
        </span>
        <span data-pick="rejected" className="tile-pick" title="Reject (X)">
          <Icon name="skip" />
        </span>
      </span>
      {isMarked && (
        <span className="tile-mark">
          <Icon name="check" />
        </span>
      )}
    </div>
  );
}
