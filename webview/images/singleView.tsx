import {
  type MouseEvent,
  type PointerEvent,
  type ReactElement,
  type Ref,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';

import type { LakesideError } from '../../src/base/errors.ts';
import type { RunImage } from '../../src/protocol/studioValues.ts';
import { Button } from '../shared/controls.tsx';
import { Icon } from '../shared/studioIcon.tsx';
import { useElementSize } from '../shared/useElementSize.ts';
import { useThumbnail } from '../shared/useThumbnail.ts';
import type { GalleryStore } from './galleryStore.ts';
import { fittedScale, scrollToShow, shownCentre } from './imageZoom.ts';
import { useImageUri, usePreloaded } from './useImageUri.ts';

export interface SingleViewHandle {
  focus(): void;
  /** Shows another part of an image that is larger than the view, in tenths of the view. */
  pan(x: number, y: number): void;
}

export interface SingleViewProps {
  readonly ref: Ref<SingleViewHandle>;
  readonly store: GalleryStore;
  /** undefined until its page arrives. */
  readonly image: RunImage | undefined;
  /** Read aloud: which image this is and how it is judged. */
  readonly label: string;
  /** Ids of the images one is likely to go to next. */
  readonly neighbours: readonly (string | undefined)[];
  readonly zoomed: boolean;
  readonly onZoom: (zoomed: boolean) => void;
  /** How large the image is shown, 1 being a pixel of the screen for each of its own. */
  readonly onScale: (scale: number) => void;
  readonly onMenu: (event: MouseEvent) => void;
}

/** Pixels a pointer moves before it drags rather than clicks. */
const DRAG_PX = 4;

export function SingleView(props: SingleViewProps): ReactElement {
  const { ref, store, image, label, zoomed, onZoom, onScale } = props;
  const stage = useRef<HTMLDivElement>(null);
  const size = useElementSize(stage);
  const [attempt, setAttempt] = useState(0);
  const [failed, setFailed] = useState<string>();
  const thumbnail = useThumbnail(store.thumbnails, image?.id);
  const { uri, error } = useImageUri(store, image?.id, attempt);
  usePreloaded(store, props.neighbours, uri !== undefined);

  // A pixel of the image on a pixel of the screen: CSS pixels are larger where the screen is scaled.
  const ratio = window.devicePixelRatio;
  const [width, height] = image === undefined ? [0, 0] : [image.width / ratio, image.height / ratio];
  const scale = zoomed ? 1 : fittedScale(size, { width, height });
  useLayoutEffect(() => onScale(scale), [onScale, scale]);

  // The part one looks at stays the same from image to image, so that details can be compared.
  const centre = useRef({ x: 0.5, y: 0.5 });
  useLayoutEffect(() => {
    const element = stage.current;
    if (element === null || !zoomed) return;
    element.scrollTo(scrollToShow(centre.current, size, { width, height }));
  }, [zoomed, image?.id, size, width, height]);

  useImperativeHandle(ref, () => ({
    focus: () => stage.current?.focus({ preventScroll: true }),
    pan: (x, y) => stage.current?.scrollBy({ left: (x * size.width) / 10, top: (y * size.height) / 10 }),
  }));

  const drag = useRef<{ x: number; y: number; left: number; top: number; moved: boolean }>(undefined);
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.button !== 0) return;
    const { scrollLeft: left, scrollTop: top } = event.currentTarget;
    drag.current = { x: event.clientX, y: event.clientY, left, top, moved: false };
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const from = drag.current;
    if (from === undefined) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.moved && Math.hypot(x, y) < DRAG_PX) return;
    if (!from.moved) event.currentTarget.setPointerCapture(event.pointerId);
    from.moved = true;
    event.currentTarget.scrollTo({ left: from.left - x, top: from.top - y });
  };
  const onClick = (event: MouseEvent<HTMLDivElement>): void => {
    const wasDrag = drag.current?.moved === true;
    drag.current = undefined;
    const frame = event.target instanceof Element ? event.target.closest('.single-frame') : null;
    if (wasDrag || frame === null || image === undefined) return;
    const bounds = frame.getBoundingClientRect();
    centre.current = {
      x: (event.clientX - bounds.left) / bounds.width,
      y: (event.clientY - bounds.top) / bounds.height,
    };
    onZoom(!zoomed);
  };

  const tryAgain = (): void => {
    if (image !== undefined) store.forgetUri(image.id);
    setFailed(undefined);
    setAttempt(attempt + 1);
  };
  const problem = image !== undefined && failed === image.id ? NOT_LOADED : error;

  return (
    <div
      ref={stage}
      className={`single-stage${zoomed ? ' single-zoomed' : ''}`}
      role="group"
      aria-roledescription="image"
      aria-label={label}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerCancel={() => {
        drag.current = undefined;
      }}
      onClick={onClick}
      onContextMenu={props.onMenu}
      onScroll={(event) => {
        if (zoomed) centre.current = shownCentre(event.currentTarget, { width, height });
      }}
    >
      {image !== undefined && problem === undefined && (
        <div className="single-frame" style={{ width: `${width * scale}px`, height: `${height * scale}px` }}>
          {thumbnail?.uri !== undefined && (
            <img key={`small ${image.id}`} src={thumbnail.uri} alt="" draggable={false} />
          )}
          {uri !== undefined && (
            <img
              key={image.id}
              className="single-full"
              src={uri}
              alt=""
              decoding="async"
              draggable={false}
              onLoad={(event) => event.currentTarget.classList.add('loaded')}
              onError={() => setFailed(image.id)}
            />
          )}
        </div>
      )}
      {problem !== undefined && <Problem problem={problem} onRetry={tryAgain} />}
    </div>
  );
}

const NOT_LOADED = {
  message: 'The image file could not be loaded. It may have been moved or deleted.',
  code: 'IMAGE_NOT_SHOWN',
} as const;

function Problem({
  problem,
  onRetry,
}: {
  problem: Pick<LakesideError, 'message' | 'code'>;
  onRetry: () => void;
}): ReactElement {
  return (
    <div className="single-problem" role="alert">
      <Icon name="warning" />
      <p>
        {problem.message} <code>{problem.code}</code>
      </p>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}
