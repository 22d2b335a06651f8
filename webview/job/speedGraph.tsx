import { type ReactElement, useId, useRef } from 'react';

import { formatCount, formatDuration } from '../../src/base/format.ts';
import { formatRate } from '../shared/formatting.ts';
import { useElementSize } from '../shared/useElementSize.ts';
import { curvePaths, speedCurve, type SpeedCurve, type SpeedSample } from './speedModel.ts';

const HEIGHT = 96;

/** How fast it was over time, drawn in the theme's colours. */
export function SpeedGraph({ samples, isOver }: { samples: readonly SpeedSample[]; isOver: boolean }): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const title = useId();
  const { width } = useElementSize(box);
  const curve = speedCurve(samples);
  return (
    <figure className="speed">
      <figcaption>
        <h2>Speed</h2>
        {curve !== undefined && (
          <span className="dim figure">
            {rateWords(curve, curve.average)} on average, {rateWords(curve, curve.peak)} at most
          </span>
        )}
      </figcaption>
      <div ref={box} className="speed-box">
        {curve === undefined ? (
          <p className="dim">{isOver ? 'It was over too soon to measure.' : 'Not measured yet.'}</p>
        ) : (
          width > 0 && <Curve curve={curve} width={width} title={title} />
        )}
      </div>
      {curve !== undefined && (
        <p className="speed-axis dim figure">
          <span>{new Date(curve.startMs).toLocaleTimeString('en-GB')}</span>
          <span>{formatDuration(curve.endMs - curve.startMs)}</span>
          <span>{new Date(curve.endMs).toLocaleTimeString('en-GB')}</span>
        </p>
      )}
    </figure>
  );
}

function Curve({ curve, width, title }: { curve: SpeedCurve; width: number; title: string }): ReactElement {
  const { line, area } = curvePaths(curve, width, HEIGHT);
  const averageY = (1 - curve.average / curve.peak) * HEIGHT;
  return (
    <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} role="img" aria-labelledby={title}>
      <title id={title}>
        {`The speed over time: ${rateWords(curve, curve.average)} on average, ${rateWords(curve, curve.peak)} at most`}
      </title>
      <path className="speed-area" d={area} />
      <line className="speed-average" x1="0" x2={width} y1={averageY} y2={averageY} />
      <path className="speed-line" d={line} />
    </svg>
  );
}

function rateWords({ unit }: SpeedCurve, perSecond: number): string {
  return unit === 'bytes' ? formatRate(perSecond) : `${formatCount(Math.round(perSecond))} files/s`;
}
