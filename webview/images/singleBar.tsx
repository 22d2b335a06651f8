import type { ReactElement } from 'react';

import { formatCount } from '../../src/base/format.ts';
import type { RunImage } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import type { GalleryAction } from './galleryKeys.ts';
import type { Judgement } from './galleryModel.ts';
import { JudgeControls } from './judgeControls.tsx';

export interface SingleBarProps {
  readonly image: RunImage | undefined;
  readonly index: number;
  readonly total: number;
  readonly scale: number;
  readonly zoomed: boolean;
  readonly detailsOpen: boolean;
  readonly onAction: (action: GalleryAction) => void;
  readonly onJudge: (judgement: Judgement) => void;
}

export function SingleBar(props: SingleBarProps): ReactElement {
  const { image, index, total, scale, zoomed, onAction } = props;
  return (
    <div className="single-bar">
      <Button
        appearance="icon"
        aria-label="Back to the grid"
        title="Back to the grid (Escape)"
        onClick={() => onAction({ kind: 'back' })}
      >
        <Icon name="close" />
      </Button>
      <span className="single-place figure">
        <Button
          appearance="icon"
          aria-label="Previous image"
          title="Previous image (←)"
          disabled={index === 0}
          onClick={() => onAction({ kind: 'go', to: index - 1, extend: false })}
        >
          <Icon name="chevronLeft" />
        </Button>
        {formatCount(index + 1)} of {formatCount(total)}
        <Button
          appearance="icon"
          aria-label="Next image"
          title="Next image (→)"
          disabled={index + 1 >= total}
          onClick={() => onAction({ kind: 'go', to: index + 1, extend: false })}
        >
          <Icon name="chevronRight" />
        </Button>
      </span>
      {image !== undefined && <JudgeControls pick={image.pick} rating={image.rating} onJudge={props.onJudge} />}
      <span className="single-tools">
        <button
          type="button"
          className="chip figure"
          aria-pressed={zoomed}
          aria-label={`Shown at ${percent(scale)}; ${zoomed ? 'show all of it' : 'show its own pixels'}`}
          title={zoomed ? 'Fit (Z)' : '100 % (Z)'}
          onClick={() => onAction({ kind: 'zoom' })}
        >
          {percent(scale)}
        </button>
        <Button
          appearance="icon"
          aria-label={props.detailsOpen ? 'Hide details' : 'Show details'}
          title="Details (I)"
          onClick={() => onAction({ kind: 'details' })}
        >
          <Icon name="info" />
        </Button>
      </span>
    </div>
  );
}

function percent(scale: number): string {
  return `${Math.max(1, Math.round(scale * 100))} %`;
}
